// `junban keys init` and `junban keys rotate`: the signing keys in their folder, or in the store that gateways share. A
// running gateway notices a change.

import type { Settings } from './config/settings.ts';
import { keyPlaceOf, openStore } from './open-store.ts';
import type { Log } from './process-log.ts';
import { systemClock } from './system-clock.ts';
import { type KeyPlace, keysInFolder } from './tokens/key-place.ts';
import { announceMsDefault, rotateKeyRing } from './tokens/key-ring.ts';

/** One of the two is given: the folder, or the configuration that names it. */
export type KeysPlace = { readonly path: string | null; readonly settings: Settings | null };

/** Longest life of a ticket where no configuration says it. */
const overlapMsDefault = 7 * 24 * 3_600_000;
/** How late a gateway may learn of a rotation. */
const slackMs = 3_600_000;

/** Makes keys unless there are some; tells where they are. */
export async function initKeys(place: KeysPlace): Promise<string> {
  return withKeys(place, async (keys, nowMs) => {
    const ring = await keys.open(nowMs);
    return `signing keys in ${keys.name}: ${ring.ticketKeys.length} for tickets, ${ring.passKeys.length} for passes`;
  });
}

/** New keys are published now and sign after ten minutes; the old ones are accepted until their last token has ended. */
export async function rotateKeys(place: KeysPlace): Promise<string> {
  const rooms = place.settings?.rooms ?? [];
  const lifetimesMs = rooms.map(({ ticketLifetimeMs, pass }) => Math.max(ticketLifetimeMs, pass.maxMs));
  const overlapMs = Math.max(...(lifetimesMs.length > 0 ? lifetimesMs : [overlapMsDefault])) + slackMs;
  return withKeys(place, async (keys, nowMs) => {
    await keys.replace(ring => rotateKeyRing(ring, { nowMs, overlapMs }));
    const signsFrom = new Date(nowMs + announceMsDefault).toISOString();
    const endsAt = new Date(nowMs + announceMsDefault + overlapMs).toISOString();
    return `new keys in ${keys.name}: they sign from ${signsFrom}; the keys before are accepted until ${endsAt}`;
  });
}

async function withKeys<Result>(
  { path, settings }: KeysPlace,
  act: (keys: KeyPlace, nowMs: number) => Promise<Result>,
): Promise<Result> {
  if (path !== null) return act(keysInFolder(path), systemClock.nowMs());
  if (settings === null) throw new Error('no place for the keys was named');
  // A folder is another process's or nobody's: the store itself is opened only where it keeps the keys.
  if (settings.store.kind === 'embedded' || settings.keys.path !== null) {
    return act(keyPlaceOf(settings, null), systemClock.nowMs());
  }
  const { store, clock, keyStore } = await openStore(settings, silent);
  try {
    return await act(keyPlaceOf(settings, keyStore), clock.nowMs());
  } finally {
    await store.close();
  }
}

const silent: Log = { level: 'silent', info: () => undefined, warn: () => undefined, error: () => undefined };
