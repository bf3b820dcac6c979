// A document whose long head is compressed once and whose short tail is added per request, in gzip and in Brotli: the
// head's compressed data ends on a byte, what follows stands uncompressed behind it. Between the two stands a middle, one
// of a few, prepared once each.
import { brotliCompress, constants, crc32, deflateRawSync } from 'node:zlib';

const gzipHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255);
/** The most that a stored block of deflate holds; those of Brotli, with the shortest header, hold one more. */
const blockBytesMax = 0xffff;
const gzipBlockHeaderBytes = 5;
const brotliBlockHeaderBytes = 3;
const trailerBytes = 8;
const isoMaximum = 2 ** 32;
/** What follows the head is nearly always shorter; whatever is longer gets a buffer of its own. */
const inPlaceBytesMax = 8_192;
/** Headers, trailers, and what a middle that cannot be made shorter grows by. */
const sparesBytes = 128;
/** As far as deflate looks back. */
const windowBytes = 32_768;
/** A character takes three bytes at most. */
const bytesPerCharacterMax = 3;
/** A last block that is empty. */
const brotliEnd = 0x03;

export interface Middle {
  readonly plain: Buffer;
  /** Compressed with the head as its dictionary: the decoder has just read that. */
  readonly deflated: Buffer;
  /** Checksum of the head and this. */
  readonly crc: number;
}

/** All three return bytes that are good until the next call of any: write them out, or copy them, before that. */
export interface HeadAndTail {
  readonly middle: (text: string) => Middle;
  /** The whole document, plain. */
  readonly identity: (middle: Middle, tail: string) => Uint8Array;
  /** The whole document as one gzip member. */
  readonly gzip: (middle: Middle, tail: string) => Uint8Array;
  /** The whole document as one Brotli stream; null while the head is being compressed, which takes some 60 ms elsewhere. */
  readonly brotli: ((middle: Middle, tail: string) => Uint8Array) | null;
  /** Resolves when `brotli` is there; never rejects. */
  readonly whenBrotli: Promise<void>;
}

/** Node starts anew where nothing follows. */
const checksum = (bytes: Buffer, before: number): number => (bytes.length === 0 ? before : crc32(bytes, before));

const gzipBlockHeader = (target: Buffer, at: number, bytes: number, isLast: boolean): void => {
  target[at] = isLast ? 1 : 0;
  target.writeUInt16LE(bytes, at + 1);
  target.writeUInt16LE(bytes ^ 0xffff, at + 3);
};

/** Not the last, four nibbles of length less one, uncompressed; then up to the next byte. // RFC 7932, 9.2 */
const brotliBlockHeader = (target: Buffer, at: number, bytes: number): void => {
  target.writeUIntLE(((bytes - 1) << 3) | (1 << 19), at, brotliBlockHeaderBytes);
};

/** Text beyond one block as several of them. */
const inBlocks = (text: Buffer, headerBytes: number, writeHeader: (header: Buffer, part: Buffer) => void): Buffer => {
  const blocks: Buffer[] = [];
  for (let start = 0; start === 0 || start < text.length; start += blockBytesMax) {
    const part = text.subarray(start, start + blockBytesMax);
    const header = Buffer.alloc(headerBytes);
    writeHeader(header, part);
    blocks.push(header, part);
  }
  return Buffer.concat(blocks);
};

const fitsInPlace = ({ plain }: Middle, tail: string): boolean =>
  plain.length + tail.length * bytesPerCharacterMax <= inPlaceBytesMax;

const compressBrotli = (plain: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: 18,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    };
    brotliCompress(plain, { params, finishFlush: constants.BROTLI_OPERATION_FLUSH }, (error, compressed) =>
      error === null ? resolve(compressed) : reject(error),
    );
  });

/** The head stays in place and only what follows is written: an allocation of the whole would cost more than all the rest. */
const behind = (start: Buffer): Buffer => Buffer.concat([start, Buffer.alloc(inPlaceBytesMax + sparesBytes)]);

const brotliWriter = (start: Buffer): ((middle: Middle, tail: string) => Uint8Array) => {
  const whole = behind(start);
  const textStart = start.length + brotliBlockHeaderBytes;
  return (middle, tail) => {
    if (!fitsInPlace(middle, tail)) {
      const text = Buffer.concat([middle.plain, Buffer.from(tail)]);
      const blocks = inBlocks(text, brotliBlockHeaderBytes, (header, part) =>
        brotliBlockHeader(header, 0, part.length),
      );
      return Buffer.concat([start, blocks, Uint8Array.of(brotliEnd)]);
    }
    whole.set(middle.plain, textStart);
    const bytes = middle.plain.length + whole.write(tail, textStart + middle.plain.length, 'utf8');
    // There is no block of nothing.
    if (bytes === 0) return Buffer.concat([start, Uint8Array.of(brotliEnd)]);
    brotliBlockHeader(whole, start.length, bytes);
    whole[textStart + bytes] = brotliEnd;
    return whole.subarray(0, textStart + bytes + 1);
  };
};

const gzipWriter = (start: Buffer, plainBytes: number): HeadAndTail['gzip'] => {
  const whole = behind(start);
  const writeTrailer = (target: Buffer, at: number, middle: Middle, tail: Buffer): void => {
    target.writeUInt32LE(checksum(tail, middle.crc), at);
    target.writeUInt32LE((plainBytes + middle.plain.length + tail.length) % isoMaximum, at + 4);
  };
  return (middle, tail) => {
    if (!fitsInPlace(middle, tail)) {
      const text = Buffer.from(tail);
      const blocks = inBlocks(text, gzipBlockHeaderBytes, (header, part) =>
        gzipBlockHeader(header, 0, part.length, part.byteOffset + part.length >= text.byteOffset + text.length),
      );
      const trailer = Buffer.alloc(trailerBytes);
      writeTrailer(trailer, 0, middle, text);
      return Buffer.concat([start, middle.deflated, blocks, trailer]);
    }
    whole.set(middle.deflated, start.length);
    const blockStart = start.length + middle.deflated.length;
    const tailStart = blockStart + gzipBlockHeaderBytes;
    const tailEnd = tailStart + whole.write(tail, tailStart, 'utf8');
    gzipBlockHeader(whole, blockStart, tailEnd - tailStart, true);
    writeTrailer(whole, tailEnd, middle, whole.subarray(tailStart, tailEnd));
    return whole.subarray(0, tailEnd + trailerBytes);
  };
};

export const prepareHead = (head: string): HeadAndTail => {
  const plain = Buffer.from(head);
  // Short blocks: script, words and markup each get a code of their own, which saves 300 bytes over the longest ones.
  const deflated = deflateRawSync(plain, { level: 9, memLevel: 6, finishFlush: constants.Z_FULL_FLUSH });
  const headCrc = crc32(plain);
  let plainWhole: Buffer | null = null;
  let brotli: HeadAndTail['brotli'] = null;
  const whenBrotli = compressBrotli(plain).then(
    start => {
      brotli = brotliWriter(start);
    },
    // Out of memory, at worst: there is gzip.
    () => undefined,
  );
  return {
    middle: text => {
      const bytes = Buffer.from(text);
      const dictionary = plain.subarray(-windowBytes);
      const options = { level: 9, dictionary, finishFlush: constants.Z_SYNC_FLUSH };
      return { plain: bytes, deflated: deflateRawSync(bytes, options), crc: checksum(bytes, headCrc) };
    },
    identity: (middle, tail) => {
      if (!fitsInPlace(middle, tail)) return Buffer.concat([plain, middle.plain, Buffer.from(tail)]);
      plainWhole ??= behind(plain);
      plainWhole.set(middle.plain, plain.length);
      const tailStart = plain.length + middle.plain.length;
      return plainWhole.subarray(0, tailStart + plainWhole.write(tail, tailStart, 'utf8'));
    },
    gzip: gzipWriter(Buffer.concat([gzipHeader, deflated]), plain.length),
    get brotli() {
      return brotli;
    },
    whenBrotli,
  };
};
