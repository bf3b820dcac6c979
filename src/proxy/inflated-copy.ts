// Inflates a copy of the beginning of a compressed body, so that it can be looked into while the body itself passes as it is.
// Bounded in bytes and in number; what is looked for is left to the scan of signatures.

import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

/** So much goes in at most, and so much comes out. */
export const inflatedBytesMax = 65_536;
/** More bodies than this are not looked into at once: inflating shares its threads with the disk. */
export const inflatingMax = 64;

export type InflatedCopy = {
  /** The next bytes as the shop sent them; they are copied. */
  write(bytes: Uint8Array): void;
  /** Nothing more comes: `done` is called once, when all of it has been looked into. */
  end(done: () => void): void;
  /** Nobody wants to know any more. */
  drop(): void;
};

/** `onBytes` gets the inflated bytes, and returns true when it has seen enough. Null: too many are inflated already. */
export type OpenInflatedCopy = (coding: Coding, onBytes: (bytes: Uint8Array) => boolean) => InflatedCopy | null;

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

const codings: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/** What can be inflated of a Content-Encoding; null: another coding, or several on top of each other. */
export function codingOf(contentEncoding: string): Coding | null {
  return codings.get(contentEncoding.trim().toLowerCase()) ?? null;
}

/** For one shop: together its copies keep to `inflatingMax`. // PX131 */
export function inflatedCopies(): OpenInflatedCopy {
  let inflating = 0;
  return (coding, onBytes) => {
    if (inflating >= inflatingMax) return null;
    inflating += 1;
    return openCopy(coding, onBytes, () => {
      inflating -= 1;
    });
  };
}

function openCopy(coding: Coding, onBytes: (bytes: Uint8Array) => boolean, onClosed: () => void): InflatedCopy {
  let inflater: Transform | null = null;
  let [bytesIn, bytesOut] = [0, 0];
  let isOver = false;
  let whenDone: (() => void) | null = null;
  const close = () => {
    if (isOver) return;
    isOver = true;
    onClosed();
    // It reads no more of a body that inflates without end.
    inflater?.destroy();
    whenDone?.();
  };
  const begin = (first: Uint8Array) => {
    const opened = inflaterOf(coding, first);
    opened.on('data', (bytes: Uint8Array) => {
      if (isOver) return;
      const part = bytes.subarray(0, inflatedBytesMax - bytesOut);
      bytesOut += part.length;
      if (onBytes(part) || bytesOut >= inflatedBytesMax) close();
    });
    opened.on('end', close);
    // What cannot be inflated is not looked into any further; a browser shows no page of it either.
    opened.on('error', close);
    opened.on('close', close);
    return opened;
  };
  return {
    write(bytes) {
      if (isOver || bytesIn >= inflatedBytesMax || bytes.length === 0) return;
      inflater ??= begin(bytes);
      const part = Buffer.from(bytes.subarray(0, inflatedBytesMax - bytesIn));
      bytesIn += part.length;
      inflater.write(part);
    },
    end(done) {
      if (isOver) return done();
      whenDone = done;
      if (inflater === null) close();
      else inflater.end();
    },
    drop: close,
  };
}

function inflaterOf(coding: Coding, first: Uint8Array): Transform {
  // Of a body that is not read to its end all that came so far is inflated.
  const zlib = { finishFlush: constants.Z_SYNC_FLUSH };
  switch (coding) {
    case 'gzip':
      return createGunzip(zlib);
    case 'deflate':
      // By the letter it has the header of zlib; some shops leave it out.
      return ((first[0] ?? 0) & 0x0f) === 0x08 ? createInflate(zlib) : createInflateRaw(zlib);
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      // The largest window that a browser takes. // RFC 9659
      return createZstdDecompress({
        finishFlush: constants.ZSTD_e_flush,
        params: { [constants.ZSTD_d_windowLogMax]: 23 },
      });
  }
}
