// Error signatures are found in status, headers and the first bytes of the body, however it is cut.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSignatures, type ErrorSignature, scannedBytesMax } from '../../../src/proxy/signature-scan.ts';

function found(signatures: ErrorSignature[], chunks: Uint8Array[], status = 200): boolean {
  const scan = compileSignatures(signatures)?.(status, [['X-Error', 'code M941']]);
  for (const chunk of chunks) scan?.chunk(chunk);
  return scan?.seen() ?? false;
}

const cut = (bytes: Buffer, sizes: readonly number[]) => {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return [...chunks, bytes.subarray(offset)];
};

test('[PX26] no signatures cost nothing', () => {
  expect(compileSignatures([])).toBeNull();
});

test('[PX26] every field that is given must match', () => {
  expect(found([{ status: 501 }], [], 501)).toBe(true);
  expect(found([{ status: 501 }], [], 500)).toBe(false);
  expect(found([{ header: { name: 'x-error', value: 'M941' } }], [])).toBe(true);
  expect(found([{ header: { name: 'x-error' } }], [])).toBe(true);
  expect(found([{ header: { name: 'x-other' } }], [])).toBe(false);
  expect(found([{ status: 200, body: 'M941' }], [Buffer.from('[M941]')])).toBe(true);
  expect(found([{ status: 500, body: 'M941' }], [Buffer.from('[M941]')])).toBe(false);
  expect(found([{}], [Buffer.from('x')])).toBe(false);
});

test('[PX27] a marker is found wherever the chunks cut it', () => {
  const body = Buffer.from(`${'支払手続中に'.repeat(3)}[M941] ご案内`);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }), sizes => {
      expect(found([{ body: 'M941' }, { body: '見つからない' }], cut(body, sizes))).toBe(true);
      expect(found([{ body: 'M942' }], cut(body, sizes))).toBe(false);
    }),
  );
});

test('[PX27] only the first 64 KB are looked through', () => {
  const before = Buffer.alloc(scannedBytesMax - 4, 0x20);
  expect(found([{ body: 'M941' }], [before, Buffer.from('M941')])).toBe(true);
  expect(found([{ body: 'M941' }], [before, Buffer.from(' M941')])).toBe(false);
  expect(found([{ body: 'M' }], [Buffer.from('xM')])).toBe(true);
});
