// A gzip document whose long head is compressed once and whose short tail is added per request: the head's deflate data
// ends with a full flush, the tail follows as stored blocks, and the checksum is carried on from the head's.
import { constants, crc32, deflateRawSync } from 'node:zlib';

const gzipHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255);
const storedBlockBytesMax = 0xffff;
const blockHeaderBytes = 5;
const trailerBytes = 8;
const isoMaximum = 2 ** 32;

/** Both return bytes that are good until the next call of either: write them out, or copy them, before that. */
export interface HeadAndTail {
  /** The whole document, plain. */
  readonly identity: (tail: string) => Uint8Array;
  /** The whole document as one gzip member. */
  readonly gzip: (tail: string) => Uint8Array;
}

/** A tail as stored blocks; only one beyond 64 KB needs more than one. */
const storedBlocks = (tail: Buffer): Buffer => {
  const blocks: Buffer[] = [];
  for (let start = 0; start === 0 || start < tail.length; start += storedBlockBytesMax) {
    const part = tail.subarray(start, start + storedBlockBytesMax);
    const header = Buffer.alloc(blockHeaderBytes);
    header[0] = start + part.length >= tail.length ? 1 : 0;
    header.writeUInt16LE(part.length, 1);
    header.writeUInt16LE(part.length ^ 0xffff, 3);
    blocks.push(header, part);
  }
  return Buffer.concat(blocks);
};

export const prepareHead = (head: string): HeadAndTail => {
  const plain = Buffer.from(head);
  // Short blocks: script, words and markup each get a code of their own, which saves 300 bytes over the longest ones.
  const deflated = deflateRawSync(plain, { level: 9, memLevel: 6, finishFlush: constants.Z_FULL_FLUSH });
  const start = Buffer.concat([gzipHeader, deflated]);
  const headCrc = crc32(plain);

  const writeTrailer = (target: Buffer, at: number, tail: Buffer): void => {
    target.writeUInt32LE(crc32(tail, headCrc), at);
    target.writeUInt32LE((plain.length + tail.length) % isoMaximum, at + 4);
  };

  const gzipLarge = (tail: Buffer): Uint8Array => {
    const trailer = Buffer.alloc(trailerBytes);
    writeTrailer(trailer, 0, tail);
    return Buffer.concat([start, storedBlocks(tail), trailer]);
  };

  // The head stays in place and only tails are written: an allocation of the whole would cost more than all the rest.
  const tailSpaceBytes = storedBlockBytesMax + blockHeaderBytes + trailerBytes;
  const tailStart = start.length + blockHeaderBytes;
  const gzipped = Buffer.concat([start, Buffer.alloc(tailSpaceBytes)]);
  const plainWhole = Buffer.concat([plain, Buffer.alloc(tailSpaceBytes)]);

  const gzip = (tail: string): Uint8Array => {
    // A character takes three bytes at most.
    if (tail.length * 3 > storedBlockBytesMax) return gzipLarge(Buffer.from(tail));
    const tailBytes = gzipped.write(tail, tailStart, 'utf8');
    const tailEnd = tailStart + tailBytes;
    gzipped[start.length] = 1;
    gzipped.writeUInt16LE(tailBytes, start.length + 1);
    gzipped.writeUInt16LE(tailBytes ^ 0xffff, start.length + 3);
    writeTrailer(gzipped, tailEnd, gzipped.subarray(tailStart, tailEnd));
    return gzipped.subarray(0, tailEnd + trailerBytes);
  };

  const identity = (tail: string): Uint8Array => {
    if (tail.length * 3 > storedBlockBytesMax) return Buffer.concat([plain, Buffer.from(tail)]);
    return plainWhole.subarray(0, plain.length + plainWhole.write(tail, plain.length, 'utf8'));
  };

  return { identity, gzip };
};
