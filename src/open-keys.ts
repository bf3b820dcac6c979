// The signing keys in use, and everybody who uses them: a change reaches all of them, and changes arrive in their order.
// Wiring only.

import type { Log } from './process-log.ts';
import type { KeyPlace } from './tokens/key-place.ts';
import type { KeyRing } from './tokens/key-ring.ts';
import { type Keys, openKeyRing } from './tokens/key-set.ts';

export type OpenKeys = {
  current(): Keys;
  /** Gives the keys now, and again whenever they are changed. */
  use(onKeys: (keys: Keys) => void): void;
  stop(): void;
};

export async function openKeys(of: {
  readonly place: KeyPlace;
  readonly nowMs: number;
  readonly log: Pick<Log, 'info' | 'error'>;
  readonly onFailure: (error: unknown) => void;
  /** Default: `openKeyRing`. */
  readonly openRing?: (ring: KeyRing) => Promise<Keys>;
}): Promise<OpenKeys> {
  const { place, nowMs, log, onFailure, openRing = openKeyRing } = of;
  const ring = await place.open(nowMs);
  let keys = await openRing(ring);
  const users: ((keys: Keys) => void)[] = [];

  const change = async (next: KeyRing): Promise<void> => {
    keys = await openRing(next);
    for (const onKeys of users) onKeys(keys);
    log.info({}, 'the signing keys were changed');
  };
  // One after the other: how long keys take to open says nothing about which are newer. // OP94
  let changing: Promise<void> = Promise.resolve();
  const stop = place.watch(ring, told => {
    if (told.kind === 'unusable') return log.error({ err: told.error }, 'the changed keys cannot be used');
    changing = changing.then(() => change(told.ring)).catch(onFailure);
  });
  return {
    current: () => keys,
    use(onKeys) {
      users.push(onKeys);
      onKeys(keys);
    },
    stop,
  };
}
