// Bytes of a body that nobody reads yet, first in first out; large parts lie in memory that is used again.
// When to stop the sender, and when there are too many, is left to the body they belong to.

/** What the server reads at most at once. */
const blockBytes = 524_288;
/** Blocks kept for the next body that has to wait: 16 MB for the whole process, taken when first needed. */
const spareBlocksMax = 32;
/** Handed out in pieces of this size, so that what a slow shop holds is small; parts up to it take no block. */
const pieceBytesMax = 65_536;

type Part = { readonly memory: Uint8Array; start: number; readonly end: number };

const spareBlocks: Uint8Array[] = [];

export class HeldBytes {
  #parts: Part[] = [];
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Copies. */
  add(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.byteLength; offset += blockBytes) {
      const part = bytes.subarray(offset, offset + blockBytes);
      const end = part.byteLength;
      const memory = end > pieceBytesMax ? takeBlock() : Buffer.allocUnsafeSlow(end);
      memory.set(part);
      this.#parts.push({ memory, start: 0, end });
      this.#byteLength += end;
    }
  }

  /** The next bytes, the caller's own; null when there are none. */
  take(): Uint8Array | null {
    const part = this.#parts[0];
    if (part === undefined) return null;
    const { memory, start, end } = part;
    part.start = Math.min(start + pieceBytesMax, end);
    this.#byteLength -= part.start - start;
    const bytes = memory.subarray(start, part.start);
    const piece = memory.byteLength === blockBytes ? Buffer.from(bytes) : bytes;
    if (part.start < end) return piece;
    this.#parts.shift();
    giveBack(memory);
    return piece;
  }

  all(): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let piece = this.take(); piece !== null; piece = this.take()) pieces.push(piece);
    const [only, ...others] = pieces;
    return only !== undefined && others.length === 0 ? only : Buffer.concat(pieces);
  }

  clear(): void {
    for (const { memory } of this.#parts) giveBack(memory);
    this.#parts = [];
    this.#byteLength = 0;
  }
}

/**
 * Copying must be faster than the sender's side of a loopback connection, as the server reads on, paused or not, for as
 * long as each of its reads finds a full buffer. Memory that was touched before needs no work of the kernel, which is
 * most of the cost of a copy; so it is touched ahead, many blocks at once, while the sender can only fill its window.
 */
function takeBlock(): Uint8Array {
  if (spareBlocks.length === 0) {
    for (let count = 0; count < spareBlocksMax; count += 1) spareBlocks.push(Buffer.alloc(blockBytes, 1));
  }
  return spareBlocks.pop() ?? Buffer.alloc(blockBytes, 1);
}

function giveBack(memory: Uint8Array): void {
  if (memory.byteLength === blockBytes && spareBlocks.length < spareBlocksMax) spareBlocks.push(memory);
}
