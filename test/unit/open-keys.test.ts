// Keys that change while a gateway runs.

import { expect, test } from 'vitest';
import { openKeys } from '../../src/open-keys.ts';
import type { KeyFolderChange } from '../../src/tokens/key-folder-watch.ts';
import type { KeyPlace } from '../../src/tokens/key-place.ts';
import { createKeyRing } from '../../src/tokens/key-ring.ts';
import { openKeyRing } from '../../src/tokens/key-set.ts';

const nowMs = 1_800_000_000_000;

test('[OP94] of two changes the later one stays, however long the earlier one takes to open', async () => {
  const [first, slow, last] = await Promise.all([nowMs, nowMs + 1, nowMs + 2].map(createKeyRing));
  if (first === undefined || slow === undefined || last === undefined) throw new Error('three rings were made');
  let tell: (change: KeyFolderChange) => void = () => undefined;
  const place: KeyPlace = {
    name: 'a test',
    open: async () => first,
    replace: async () => undefined,
    watch(_, onChange) {
      tell = onChange;
      return () => undefined;
    },
  };
  let letOpen: () => void = () => undefined;
  const slowIsLet = new Promise<void>(resolve => {
    letOpen = resolve;
  });
  const keys = await openKeys({
    place,
    nowMs,
    log: { info: () => undefined, error: () => undefined },
    onFailure: error => {
      throw error;
    },
    async openRing(ring) {
      if (ring === slow) await slowIsLet;
      return openKeyRing(ring);
    },
  });
  const used: (string | undefined)[] = [];
  const bothUsed = new Promise<void>(resolve => {
    keys.use(({ passes }) => {
      if (used.push(passes[0]?.kid) === 3) resolve();
    });
  });
  tell({ kind: 'changed', ring: slow });
  tell({ kind: 'changed', ring: last });
  // The later one could be open by now.
  await openKeyRing(last);
  letOpen();
  await bothUsed;
  expect(used).toEqual([first, slow, last].map(({ passKeys }) => passKeys[0]?.kid));
  expect(keys.current().passes[0]?.kid).toBe(last.passKeys[0]?.kid);
});
