// The operator's logo: of the type its name says, small, and in the page as what the browser reads back.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { plainLook } from '../../../src/page/look.ts';
import { noteOnLogo, readLogo } from '../../../src/page/read-logo.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';
import { aStatus, nowMs } from './a-status.ts';

const folder = await mkdtemp(join(tmpdir(), 'junban-logo-'));
afterAll(() => rm(folder, { recursive: true }));

const read = async (name: string, content: string | Buffer) => {
  await writeFile(join(folder, name), content);
  return readLogo(join(folder, name));
};

test('[CF80] an SVG travels as text that reads back the same, and closes no attribute', async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">\n<style>a > b { fill: #f00 }</style><text>100% & 順番 'x'</text></svg>`;
  const logo = await read('logo.svg', svg);
  const address = logo.kind === 'logo' ? logo.address : '';
  expect(address).toMatch(/^data:image\/svg\+xml,[^"<>&#]*$/);
  expect(decodeURIComponent(address.slice(19))).toBe(svg.replace('\n', ' '));
});

test.each([
  ['a.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]), 'data:image/png;base64,'],
  ['a.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'data:image/jpeg;base64,'],
  ['a.webp', Buffer.from('RIFF____WEBPVP8 '), 'data:image/webp;base64,'],
])('[CF80] %s is taken by its content', async (name, bytes, start) => {
  expect(await read(name, bytes)).toEqual({ kind: 'logo', address: start + bytes.toString('base64') });
});

test.each([
  ['b.svg', 'not a picture', 'is called svg, but holds something else'],
  ['b.png', 'GIF89a', 'is called png, but holds something else'],
  ['b.gif', 'GIF89a', 'must be svg, png, webp or jpg'],
  ['b.jpg', Buffer.alloc(16_385), 'has 16385 bytes'],
])('[CF80] %s is refused', async (name, bytes, message) => {
  expect(await read(name, bytes)).toEqual({ kind: 'problem', message: expect.stringContaining(message) });
});

test('[CF80] a file that is not there is refused with its path', async () => {
  expect(await readLogo(join(folder, 'no.png'))).toEqual({
    kind: 'problem',
    message: `cannot read ${join(folder, 'no.png')}: no such file`,
  });
});

test('[PG176] a logo that is passed over in silence leaves the page within 20 KB in the longest languages, a larger one is told', async () => {
  const addressOf = (bytes: number): string => `data:image/png;base64,${randomBytes(bytes).toString('base64')}`;
  expect(noteOnLogo(addressOf(16_000))).toMatch(/^adds 1[67]\d\d\d bytes to every page, compressed/);
  expect(noteOnLogo(addressOf(1_700))).toContain('over 20 KB');
  const logo = addressOf(1_450);
  expect(noteOnLogo(logo)).toBeNull();
  const page = await buildWaitingPage({
    prefix: '/_junban',
    room: { id: 'sale', claim: 'confirm', name: 'Festival' },
    look: { ...plainLook, logo },
  });
  const visit = {
    status: aStatus(),
    returnTo: '/tickets?day=1',
    nowMs,
    ticket: randomBytes(210).toString('base64url'),
  };
  const sizeOf = (language: string): number => page.render({ ...visit, language, encoding: 'br' }).length;
  // The longest there are.
  for (const language of ['el', 'ru', 'uk']) {
    // The first sight begins the compressing.
    page.chooseEncoding(language, { br: true, gzip: true });
    await page.whenCompressed(language);
    expect(sizeOf(language), language).toBeLessThanOrEqual(20_480);
  }
});
