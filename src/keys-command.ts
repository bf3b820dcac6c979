// `junban keys init` and `junban keys rotate`: the signing keys in their folder. A running gateway notices a change.

import type { Settings } from './config/settings.ts';
import { keyFolderOf } from './serve.ts';
import { systemClock } from './system-clock.ts';
import { openKeyFolder, readKeyFolder, writeKeyFolder } from './tokens/key-folder.ts';
import { announceMsDefault, rotateKeyRing } from './tokens/key-ring.ts';

/** One of the two is given: the folder, or the configuration that names it. */
export type KeysPlace = { readonly path: string | null; readonly settings: Settings | null };

/** Longest life of a ticket where no configuration says it. */
const overlapMsDefault = 7 * 24 * 3_600_000;
/** How late a gateway may learn of a rotation. */
const slackMs = 3_600_000;

/** Makes keys unless there are some; tells where they are. */
export async function initKeys(place: KeysPlace): Promise<string> {
  const path = folderOf(place);
  const ring = await openKeyFolder(path, systemClock.nowMs());
  return `signing keys in ${path}: ${ring.ticketKeys.length} for tickets, ${ring.passKeys.length} for passes`;
}

/** New keys are published now and sign after ten minutes; the old ones are accepted until their last token has ended. */
export async function rotateKeys(place: KeysPlace): Promise<string> {
  const path = folderOf(place);
  const rooms = place.settings?.rooms ?? [];
  const lifetimesMs = rooms.map(({ ticketLifetimeMs, pass }) => Math.max(ticketLifetimeMs, pass.maxMs));
  const overlapMs = Math.max(...(lifetimesMs.length > 0 ? lifetimesMs : [overlapMsDefault])) + slackMs;
  const nowMs = systemClock.nowMs();
  await writeKeyFolder(path, await rotateKeyRing(await readKeyFolder(path), { nowMs, overlapMs }));
  const signsFrom = new Date(nowMs + announceMsDefault).toISOString();
  const endsAt = new Date(nowMs + announceMsDefault + overlapMs).toISOString();
  return `new keys in ${path}: they sign from ${signsFrom}; the keys before are accepted until ${endsAt}`;
}

function folderOf({ path, settings }: KeysPlace): string {
  if (path !== null) return path;
  if (settings === null) throw new Error('no folder for the keys was named');
  return keyFolderOf(settings);
}
