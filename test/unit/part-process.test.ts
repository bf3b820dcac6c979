// A process of ours that ends at once, or cannot be started at all: its parent hears of it once and goes on.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PartProcess, type PartSays } from '../../src/part-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'junban-part-'));
afterAll(() => rmSync(folder, { recursive: true }));
const order = { configPath: 'none', opsPort: 0 };

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test('[ST183] a process that ends before it reads its order ends with its code', async () => {
  const file = fileOf('ends.mjs', 'process.exit(3)');
  const part = new PartProcess({ file, order, onMessage: () => undefined });
  expect(await part.ended).toEqual({ code: 3, signal: null, trouble: null });
  part.kill('SIGTERM');
});

test('[ST183] a process that cannot be started says why, and ends as well', async () => {
  const file = fileOf('never.mjs', '');
  const part = new PartProcess({ file, order, folder: join(folder, 'gone'), onMessage: () => undefined });
  expect(await part.ended).toMatchObject({ code: null, signal: null, trouble: expect.stringContaining('ENOENT') });
  part.kill('SIGKILL');
});

test('[ST183] a process hears its order, is heard, and ends by the signal it is sent', async () => {
  const file = fileOf('runs.mjs', `process.on('message', () => process.send({ kind: 'alive' }))`);
  const heard = Promise.withResolvers<PartSays>();
  const part = new PartProcess({ file, order, onMessage: heard.resolve });
  expect(await heard.promise).toEqual({ kind: 'alive' });
  part.kill('SIGKILL');
  expect(await part.ended).toEqual({ code: null, signal: 'SIGKILL', trouble: null });
});
