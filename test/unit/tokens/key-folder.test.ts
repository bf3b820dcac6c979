// The key folder on a real disk: modes, first start of many processes, and following changes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeyFolder, readKeyFolder, writeKeyFolder } from '../../../src/tokens/key-folder.ts';
import { type KeyFolderChange, watchKeyFolder } from '../../../src/tokens/key-folder-watch.ts';
import { createKeyRing, rotateKeyRing } from '../../../src/tokens/key-ring.ts';
import { first, nowMs } from './forge.ts';

let parent: string;
let path: string;
let file: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'junban-keys-'));
  path = join(parent, 'deep', 'keys');
  file = join(path, 'keys.json');
});

afterEach(() => rm(parent, { recursive: true, force: true }));

async function modeOf(name: string): Promise<string> {
  return ((await stat(name)).mode & 0o777).toString(8);
}

test('[PS18] keys are created once, for this user alone, and found again', async () => {
  await expect(readKeyFolder(path)).rejects.toMatchObject({ code: 'key-folder-missing' });
  const ring = await openKeyFolder(path, nowMs);
  expect(await modeOf(path)).toBe('700');
  expect(await modeOf(file)).toBe('600');
  expect(await openKeyFolder(path, nowMs + 1)).toEqual(ring);
  expect(await readKeyFolder(path)).toEqual(ring);
  expect(await readdir(path)).toEqual(['keys.json']);
});

test('[PS18] a rotation replaces the file as a whole and leaves nothing else behind', async () => {
  const ring = await openKeyFolder(path, nowMs);
  const rotated = await rotateKeyRing(ring, { nowMs, overlapMs: 60_000 });
  await writeKeyFolder(path, rotated);
  expect(await readKeyFolder(path)).toEqual(rotated);
  expect(await modeOf(file)).toBe('600');
  expect(await readdir(path)).toEqual(['keys.json']);
});

test('[PS18] what could not be read again is not written', async () => {
  const ring = await openKeyFolder(path, nowMs);
  await expect(writeKeyFolder(path, { ...ring, passKeys: [] })).rejects.toMatchObject({ code: 'key-ring-broken' });
  expect(await readKeyFolder(path)).toEqual(ring);
  expect(await readdir(path)).toEqual(['keys.json']);
});

test('[PS18] many that start at once in one process end with the same keys', async () => {
  const rings = await Promise.all(Array.from({ length: 20 }, () => openKeyFolder(path, nowMs)));
  for (const ring of rings) expect(ring).toEqual(rings[0]);
  expect(await readdir(path)).toEqual(['keys.json']);
});

test('[PS18] processes that start at once end with the same keys', async () => {
  const source = new URL('../../../src/tokens/key-folder.ts', import.meta.url);
  // Each process loads everything first and begins when it is told to, so that they really meet.
  const program = `
    import { openKeyFolder } from ${JSON.stringify(source.href)};
    process.stdout.write('ready\\n');
    process.stdin.once('data', async () => {
      const ring = await openKeyFolder(${JSON.stringify(path)}, Date.now());
      process.stdout.write(ring.ticketKeys[0].kid + ring.passKeys[0].kid);
      process.stdin.destroy();
    });`;
  const processes = Array.from({ length: 3 }, () =>
    spawn(process.execPath, ['--input-type=module-typescript', '--no-warnings', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  await Promise.all(processes.map(child => once(child.stdout, 'data')));
  const outputs = processes.map(child => text(child.stdout));
  for (const child of processes) child.stdin.end('go\n');
  const ring = await Promise.all(outputs).then(async all => {
    const kept = await readKeyFolder(path);
    for (const output of all) expect(output).toBe(first(kept.ticketKeys).kid + first(kept.passKeys).kid);
    return kept;
  });
  expect(ring.passKeys).toHaveLength(1);
});

test('[PS18] a file that others may read, or a folder that others may change, is refused with the remedy', async () => {
  await openKeyFolder(path, nowMs);
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    await chmod(file, mode);
    await expect(openKeyFolder(path, nowMs)).rejects.toMatchObject({
      code: 'key-folder-unsafe',
      message: expect.stringMatching(/keys\.json has mode 6.*set it to 600/),
    });
  }
  await chmod(file, 0o600);
  await chmod(path, 0o770);
  await expect(readKeyFolder(path)).rejects.toMatchObject({ code: 'key-folder-unsafe' });
  await expect(writeKeyFolder(path, await createKeyRing(nowMs))).rejects.toMatchObject({ code: 'key-folder-unsafe' });
});

test('[PS18] a folder that others may change gets no keys at all', async () => {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
  await expect(openKeyFolder(path, nowMs)).rejects.toMatchObject({ code: 'key-folder-unsafe' });
  expect(await readdir(path)).toEqual([]);
});

test('[PS17] a broken file is named, its keys are not replaced and no secret is told', async () => {
  const ring = await openKeyFolder(path, nowMs);
  const secret = first(ring.ticketKeys).secret;
  const whole = await readFile(file, 'utf8');
  for (const broken of [
    '',
    whole.slice(0, -4),
    whole.replace('"version": 1', '"version": 9'),
    secret,
    'x'.repeat(300_000),
  ]) {
    await writeFile(file, broken);
    const failure: unknown = await openKeyFolder(path, nowMs).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'key-ring-broken', message: expect.stringContaining('keys.json') });
    expect(String(failure)).not.toContain(secret.slice(0, 8));
    expect(await readFile(file, 'utf8')).toBe(broken);
  }
});

/** Collects changes; `next` waits for the one that comes next. */
function follow(known: Parameters<typeof watchKeyFolder>[1]) {
  const waiting: ((change: KeyFolderChange) => void)[] = [];
  const arrived: KeyFolderChange[] = [];
  const stop = watchKeyFolder(
    path,
    known,
    change => {
      const taker = waiting.shift();
      if (taker) taker(change);
      else arrived.push(change);
    },
    5,
  );
  const next = async (): Promise<KeyFolderChange> =>
    arrived.shift() ?? (await new Promise<KeyFolderChange>(resolve => waiting.push(resolve)));
  return { stop, next, arrived };
}

test('[PS19] a rotation in the folder is followed, also one made before watching began', async () => {
  const ring = await openKeyFolder(path, nowMs);
  const second = await rotateKeyRing(ring, { nowMs, overlapMs: 60_000 });
  await writeKeyFolder(path, second);
  const { stop, next } = follow(ring);
  expect(await next()).toEqual({ kind: 'changed', ring: second });
  const third = await rotateKeyRing(second, { nowMs: nowMs + 1, overlapMs: 60_000 });
  await writeKeyFolder(path, third);
  expect(await next()).toEqual({ kind: 'changed', ring: third });
  stop();
});

/** Lets watchers that run look a few times more: others that start now see the folder after them. */
async function looksPass(): Promise<void> {
  const other = await createKeyRing(nowMs);
  for (let round = 0; round < 4; round += 1) {
    const { stop, next } = follow(other);
    await next();
    stop();
  }
}

test('[PS19] a folder that becomes unusable is told once, and its recovery is followed', async () => {
  const ring = await openKeyFolder(path, nowMs);
  const { stop, next, arrived } = follow(ring);
  // Not written yet, the file is as broken as it is afterwards: once that was told twice.
  await writeFile(file, '');
  expect(await next()).toMatchObject({ kind: 'unusable', error: { code: 'key-ring-broken' } });
  await looksPass();
  await writeFile(file, '{');
  await looksPass();
  await rm(file);
  expect(await next()).toMatchObject({ kind: 'unusable', error: { code: 'key-folder-missing' } });
  await looksPass();
  const rotated = await rotateKeyRing(ring, { nowMs, overlapMs: 60_000 });
  await writeKeyFolder(path, rotated);
  expect(await next()).toEqual({ kind: 'changed', ring: rotated });
  expect(arrived).toEqual([]);
  stop();
});

test('[PS19] a file that is written again with the same keys is no change', async () => {
  const ring = await openKeyFolder(path, nowMs);
  const { stop, next, arrived } = follow(ring);
  await looksPass();
  await writeKeyFolder(path, ring);
  await looksPass();
  const rotated = await rotateKeyRing(ring, { nowMs, overlapMs: 60_000 });
  await writeKeyFolder(path, rotated);
  expect(await next()).toEqual({ kind: 'changed', ring: rotated });
  expect(arrived).toEqual([]);
  stop();
});
