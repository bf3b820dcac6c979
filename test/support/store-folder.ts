// Data folders of the embedded store for tests: made, copied as a crash leaves them, removed.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function newStoreFolder(): string {
  return mkdtempSync(join(tmpdir(), 'junban-store-'));
}

/** What a process that died at this instant has left on the disk. */
export function copyAsCrashed(folder: string): string {
  const copy = newStoreFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

export function removeStoreFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
