// The byte form of a bitmap's window: version, base, length, the runs of empty and filled words, then the filled words.
// Leaves the set itself to bitmap.ts.

const formatVersion = 1;
const bytesPerWord = 4;
/** Fewer empty words in a row are written as they are: who reads or puts together bitmaps goes by runs. */
const emptyRunMin = 16;
/** An unsigned integer up to 2^53 takes at most 8 groups of 7 bits. */
const groupsMax = 8;

export type WordWindow = { readonly baseWord: number; readonly words: Uint32Array };

/** Thrown when bytes are not a bitmap: they come from a newer version, were cut off or were damaged. */
export class BitmapBytesError extends Error {
  readonly code: 'bitmap-version-unknown' | 'bitmap-bytes-damaged';

  constructor(code: BitmapBytesError['code'], message: string) {
    super(message);
    this.name = 'BitmapBytesError';
    this.code = code;
  }
}

export function encodeWords({ baseWord, words }: WordWindow): Uint8Array {
  const header: number[] = [formatVersion];
  pushInteger(header, baseWord);
  pushInteger(header, words.length);
  const filled: Uint32Array[] = [];
  let filledWords = 0;
  for (let index = 0; index < words.length; ) {
    const emptyEnd = emptyRunEnd(words, index);
    const filledEnd = filledRunEnd(words, emptyEnd);
    pushInteger(header, emptyEnd - index);
    pushInteger(header, filledEnd - emptyEnd);
    filled.push(words.subarray(emptyEnd, filledEnd));
    filledWords += filledEnd - emptyEnd;
    index = filledEnd;
  }
  const bytes = new Uint8Array(header.length + filledWords * bytesPerWord);
  bytes.set(header);
  const view = new DataView(bytes.buffer);
  let offset = header.length;
  for (const run of filled) {
    for (const word of run) {
      view.setUint32(offset, word, true);
      offset += bytesPerWord;
    }
  }
  return bytes;
}

/** Reads what `encodeWords` wrote; `wordsMax` bounds what a damaged length may allocate. */
export function decodeWords(bytes: Uint8Array, wordsMax: number): WordWindow {
  if (bytes[0] !== formatVersion) {
    throw new BitmapBytesError('bitmap-version-unknown', `bitmap version ${bytes[0]}, expected ${formatVersion}`);
  }
  const reader = { bytes, offset: 1 };
  const baseWord = readInteger(reader);
  const wordCount = readInteger(reader);
  if (wordCount > wordsMax) throw damaged(`${wordCount} words, expected at most ${wordsMax}`);
  const runs: { readonly start: number; readonly end: number }[] = [];
  for (let index = 0; index < wordCount; ) {
    const start = index + readInteger(reader);
    const end = start + readInteger(reader);
    if (end === index || end > wordCount) throw damaged(`run up to word ${end}, expected at most ${wordCount}`);
    runs.push({ start, end });
    index = end;
  }
  const filledWords = runs.reduce((sum, { start, end }) => sum + end - start, 0);
  const { offset } = reader;
  if (bytes.length - offset !== filledWords * bytesPerWord) {
    throw damaged(`${bytes.length - offset} bytes of words, expected ${filledWords * bytesPerWord}`);
  }
  return { baseWord, words: readWords(new DataView(bytes.buffer, bytes.byteOffset + offset), wordCount, runs) };
}

type Reader = { readonly bytes: Uint8Array; offset: number };

function readWords(
  view: DataView,
  wordCount: number,
  runs: readonly { readonly start: number; readonly end: number }[],
): Uint32Array {
  const words = new Uint32Array(wordCount);
  let offset = 0;
  for (const { start, end } of runs) {
    for (let index = start; index < end; index++, offset += bytesPerWord) words[index] = view.getUint32(offset, true);
  }
  return words;
}

function emptyRunEnd(words: Uint32Array, start: number): number {
  let end = start;
  while (end < words.length && words[end] === 0) end++;
  return end;
}

function filledRunEnd(words: Uint32Array, start: number): number {
  let end = start;
  for (let index = start; index < words.length && index - end < emptyRunMin; index++) {
    if (words[index] !== 0) end = index + 1;
  }
  return end;
}

function pushInteger(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

function readInteger(reader: Reader): number {
  let value = 0;
  let weight = 1;
  for (let group = 0; group < groupsMax; group++, weight *= 128) {
    const byte = reader.bytes[reader.offset++];
    if (byte === undefined) throw damaged('cut off');
    value += (byte % 128) * weight;
    if (byte < 128) return value;
  }
  throw damaged(`integer longer than ${groupsMax} bytes`);
}

function damaged(what: string): BitmapBytesError {
  return new BitmapBytesError('bitmap-bytes-damaged', `bitmap bytes damaged: ${what}`);
}
