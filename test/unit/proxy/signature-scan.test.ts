// Error signatures are found in status, headers and the first bytes of the body, however it is cut.

import { randomBytes } from 'node:crypto';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  type InputType,
  zstdCompressSync,
} from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inflatingMax } from '../../../src/proxy/inflated-copy.ts';
import { compileSignatures, type ErrorSignature, scannedBytesMax } from '../../../src/proxy/signature-scan.ts';

function found(signatures: ErrorSignature[], chunks: Uint8Array[], status = 200): boolean {
  const scan = compileSignatures(signatures)?.(status, [['X-Error', 'code M941']], () => undefined);
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

const compressors: readonly (readonly [coding: string, compress: (body: InputType) => Buffer])[] = [
  ['gzip', gzipSync],
  ['X-GZIP', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
];
const html = ['Content-Type', 'text/html; charset=utf-8'] as const;

async function foundInflated(chunks: readonly Uint8Array[], coding: string, type = html): Promise<boolean> {
  const scan = compileSignatures([{ body: 'M941' }])?.(200, [type, ['Content-Encoding', coding]], () => undefined);
  for (const chunk of chunks) scan?.chunk(chunk);
  await new Promise<void>(resolve => (scan === undefined ? resolve() : scan.end(resolve)));
  return scan?.seen() ?? false;
}

test.each(compressors)(
  '[PX130] a marker is found in a body with %s, wherever the chunks cut it',
  async (coding, by) => {
    const page = (code: string) => by(Buffer.from(`<p>${randomBytes(3_000).toString('hex')}[${code}]</p>`));
    const halves = (body: Buffer) => [body.subarray(0, body.length - 9), body.subarray(body.length - 9)];
    const bytewise = (body: Buffer) => [...body].map(byte => Buffer.of(byte));
    expect(await foundInflated([page('M941')], coding)).toBe(true);
    expect(await foundInflated(halves(page('M941')), coding)).toBe(true);
    expect(await foundInflated(bytewise(page('M941')), coding)).toBe(true);
    expect(await foundInflated([page('M942')], coding)).toBe(false);
  },
);

test('[PX130] answers of an API are looked into, styles, pictures and streams of events are not', async () => {
  const body = [gzipSync('{"code":"[M941]"}')];
  const typed = (type: string) =>
    foundInflated(body, 'gzip', ['content-type' as 'Content-Type', type as (typeof html)[1]]);
  for (const type of [
    'application/json',
    'application/problem+json',
    'text/plain',
    'application/xhtml+xml; charset=x',
  ]) {
    expect([type, await typed(type)]).toEqual([type, true]);
  }
  for (const type of [
    'text/css',
    'image/svg+xml',
    'text/event-stream',
    'application/octet-stream',
    'text/javascript',
  ]) {
    expect([type, await typed(type)]).toEqual([type, false]);
  }
  expect(await foundInflated(body, 'gzip, br')).toBe(false);
});

test.each(compressors)('[PX131] of a body in %s only the first 64 KB are looked at', async (coding, by) => {
  const page = (spaces: number) => [by(Buffer.from(`${' '.repeat(spaces)}M941`))];
  expect(await foundInflated(page(scannedBytesMax - 4), coding)).toBe(true);
  expect(await foundInflated(page(scannedBytesMax - 3), coding)).toBe(false);
  expect(await foundInflated(page(4_000_000), coding)).toBe(false);
});

test('[PX131] a body that inflates to a thousand times its size costs no more than the beginning of it', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1_024 * 1_024));
  const cost = async (work: () => unknown) => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const whole = await cost(() => gunzipSync(bomb));
  expect(await cost(() => foundInflated([bomb], 'gzip'))).toBeLessThan(whole / 3);
});

test('[PX131] what cannot be inflated, or was cut off, carries what was seen by then', async () => {
  const noise = randomBytes(500);
  for (const [coding, by] of compressors) {
    expect(await foundInflated([noise], coding)).toBe(false);
    expect(await foundInflated([], coding)).toBe(false);
    // zstd says nothing of a block that is not whole.
    const whole = by(Buffer.from(`[M941]${randomBytes(3_000).toString('hex')}`));
    expect([coding, await foundInflated([whole.subarray(0, whole.length - 20)], coding)]).toEqual([
      coding,
      coding !== 'zstd',
    ]);
  }
});

test('[PX131] only so many bodies are looked into at once; the next ones are again', async () => {
  const match = compileSignatures([{ body: 'M941' }]);
  const open = () => match?.(200, [html, ['content-encoding', 'gzip']], () => undefined);
  const scans = Array.from({ length: inflatingMax }, open);
  const tooMany = open();
  tooMany?.chunk(gzipSync('[M941]'));
  await new Promise<void>(resolve => tooMany?.end(resolve));
  expect(tooMany?.seen()).toBe(false);
  for (const scan of scans) scan?.drop();
  const next = open();
  next?.chunk(gzipSync('[M941]'));
  await new Promise<void>(resolve => next?.end(resolve));
  expect(next?.seen()).toBe(true);
});
