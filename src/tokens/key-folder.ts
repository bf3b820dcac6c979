// Keeps a key ring in a folder of this machine: keys.json, whole or not at all, for no other user's eyes. What the ring
// says is for key-ring.ts.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyRing, type KeyRing, parseKeyRing } from './key-ring.ts';
import { TokenError } from './token-error.ts';

const bytesMax = 256 * 1024;

/** Throws `key-folder-missing`, `key-folder-unsafe` or `key-ring-broken`. */
export async function readKeyFolder(path: string): Promise<KeyRing> {
  await refuseOpenFolder(path);
  const file = ringFile(path);
  const text = await readPrivately(file);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text holds secrets.
    throw new TokenError('key-ring-broken', `${file} is not JSON.`);
  }
  try {
    return parseKeyRing(document);
  } catch (cause) {
    if (cause instanceof TokenError) throw new TokenError(cause.code, `${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Replaces the ring: a reader sees the old or the new one, and after this returns a power cut leaves the new one. */
export async function writeKeyFolder(path: string, ring: KeyRing): Promise<void> {
  await withDraft(path, ring, draft => rename(draft, ringFile(path)));
}

/** The ring in the folder, created when there is none. Processes that start at once all end with the same ring. */
export async function openKeyFolder(path: string, nowMs: number): Promise<KeyRing> {
  try {
    return await readKeyFolder(path);
  } catch (error) {
    if (!(error instanceof TokenError) || error.code !== 'key-folder-missing') throw error;
  }
  await withDraft(path, await createKeyRing(nowMs), async draft => {
    try {
      // Unlike a rename, a link never replaces: the first process wins.
      await link(draft, ringFile(path));
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
  });
  return readKeyFolder(path);
}

async function withDraft(path: string, ring: KeyRing, publish: (draft: string) => Promise<void>): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await refuseOpenFolder(path);
  const draft = join(path, `keys.${randomBytes(8).toString('hex')}.draft`);
  try {
    await writeDurably(draft, `${JSON.stringify(parseKeyRing(ring), null, 2)}\n`);
    await publish(draft);
  } finally {
    // Published by rename it is gone already; in every other case secrets must not lie about.
    await rm(draft, { force: true });
  }
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readPrivately(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY).catch((cause: unknown) => {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
    throw new TokenError('key-folder-missing', `There is no ${file}.`, { cause });
  });
  try {
    // The mode is that of the file which is then read, not of one that is swapped in between.
    const { mode, size } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      const message = `${file} has mode ${modeText(mode)}, others may use it: set it to 600 and rotate the keys.`;
      throw new TokenError('key-folder-unsafe', message);
    }
    if (size > bytesMax) throw new TokenError('key-ring-broken', `${file} has more than ${bytesMax} bytes.`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function refuseOpenFolder(path: string): Promise<void> {
  const { mode } = await stat(path).catch((cause: unknown) => {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
    throw new TokenError('key-folder-missing', `There is no folder ${path}.`, { cause });
  });
  if ((mode & 0o022) !== 0) {
    const message = `${path} has mode ${modeText(mode)}, others may replace the keys in it: set it to 700.`;
    throw new TokenError('key-folder-unsafe', message);
  }
}

export function ringFile(path: string): string {
  return join(path, 'keys.json');
}

function modeText(mode: number): string {
  return (mode & 0o777).toString(8);
}

function hasErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && 'code' in error && error.code === errno;
}
