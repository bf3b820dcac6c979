// Follows a key folder, so that a rotation needs no restart. Looking once a second is enough: a new key is published
// minutes before it signs.
import { stat } from 'node:fs/promises';
import { readKeyFolder, ringFile } from './key-folder.ts';
import type { KeyRing } from './key-ring.ts';

/** `unusable`: the keys in use stay in use, and the operator should hear of it; told once for each reason. */
export type KeyFolderChange =
  | { readonly kind: 'changed'; readonly ring: KeyRing }
  | { readonly kind: 'unusable'; readonly error: unknown };

/** `known`: the ring in use, so that no change between reading it and watching is missed. Returns the stop function. */
export function watchKeyFolder(
  path: string,
  known: KeyRing,
  onChange: (change: KeyFolderChange) => void,
  pollMs = 1_000,
): () => void {
  let usedText = JSON.stringify(known);
  let seen = '';
  let told = '';
  let stopped = false;
  let timer: NodeJS.Timeout;

  async function look(): Promise<void> {
    const found = await stateOf(path);
    if (found === seen) return;
    seen = found;
    const change = await readChange(path);
    if (stopped) return;
    // A file that is written, moved or touched looks different more than once.
    const trouble = change.kind === 'unusable' ? String(change.error) : '';
    if (trouble !== '' && trouble === told) return;
    told = trouble;
    if (change.kind === 'changed') {
      const text = JSON.stringify(change.ring);
      if (text === usedText) return;
      usedText = text;
    }
    onChange(change);
  }

  function lookLater(): void {
    timer = setTimeout(() => {
      look().finally(() => {
        if (!stopped) lookLater();
      });
    }, pollMs).unref();
  }

  lookLater();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function readChange(path: string): Promise<KeyFolderChange> {
  try {
    return { kind: 'changed', ring: await readKeyFolder(path) };
  } catch (error) {
    return { kind: 'unusable', error };
  }
}

async function stateOf(path: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, ino, size } = await stat(ringFile(path), { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${ino} ${size}`;
  } catch (error) {
    // A file that cannot be seen is a state too; reading it tells the reason.
    return String(error);
  }
}
