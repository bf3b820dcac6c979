// The precompressed head, what follows it, and both decoded by the real zlib.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HeadAndTail, type Middle, prepareHead } from '../../../src/page/head-and-tail.ts';

const head = `<!doctype html>${'順番 <p>head</p> '.repeat(2_000)}`;
const document = prepareHead(head);
await document.whenBrotli;

const inEveryEncoding = ({ gzip, brotli, identity }: HeadAndTail, middle: Middle, tail: string): readonly string[] => [
  gunzipSync(gzip(middle, tail)).toString(),
  brotli === null ? '' : brotliDecompressSync(brotli(middle, tail)).toString(),
  Buffer.from(identity(middle, tail)).toString(),
];
const expectWhole = (middle: string, tail: string): void => {
  const whole = head + middle + tail;
  for (const decoded of inEveryEncoding(document, document.middle(middle), tail)) expect(decoded === whole).toBe(true);
};

test('[PG1] any middle and any tail after the precompressed head decode to the whole document', () => {
  const text = (maxLength: number) => fc.string({ unit: 'grapheme', maxLength });
  fc.assert(fc.property(text(300), text(3_000), expectWhole), { numRuns: 300 });
});

test.each([
  0, 1, 2_726, 2_731, 8_180, 8_192, 21_840, 21_841, 21_844, 21_845, 21_846, 65_535, 65_536, 131_070, 131_071, 400_000,
])('[PG1] a tail of %i bytes decodes, whatever number of blocks it takes', length => {
  for (const letter of ['x', '順']) expectWhole('<p>middle</p>', letter.repeat(length));
  expectWhole('', 'x'.repeat(length));
});

test('[PG1] a long tail leaves nothing behind in a short one that follows', () => {
  expectWhole('a middle', 'y'.repeat(20_000));
  expectWhole('', 'short');
});

test('[PG1] what the head has said already costs a middle next to nothing', () => {
  const said = 'head</p> 順番 <p>'.repeat(20);
  expect(document.middle(said).deflated.length).toBeLessThan(40);
});
