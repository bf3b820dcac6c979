// The precompressed head and its tail, decoded by the real zlib.
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareHead } from '../../../src/page/head-and-tail.ts';

const head = `<!doctype html>${'順番 <p>head</p> '.repeat(2_000)}`;
const decode = (bytes: Uint8Array): string => gunzipSync(bytes).toString();

test('[PG1] any tail after the precompressed head decodes to the whole document', () => {
  const document = prepareHead(head);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), tail => {
      expect(decode(document.gzip(tail))).toBe(head + tail);
      expect(Buffer.from(document.identity(tail)).toString()).toBe(head + tail);
    }),
    { numRuns: 300 },
  );
});

test.each([0, 1, 21_844, 21_845, 21_846, 65_535, 65_536, 131_070, 131_071, 400_000])(
  '[PG1] a tail of %i bytes decodes, whatever number of stored blocks it takes',
  length => {
    const document = prepareHead(head);
    const tail = 'x'.repeat(length);
    expect(decode(document.gzip(tail))).toBe(head + tail);
    expect(Buffer.from(document.identity(tail)).toString()).toBe(head + tail);
  },
);

test('[PG1] a long tail leaves nothing behind in a short one that follows', () => {
  const document = prepareHead(head);
  document.gzip('y'.repeat(20_000));
  expect(decode(document.gzip('short'))).toBe(`${head}short`);
});
