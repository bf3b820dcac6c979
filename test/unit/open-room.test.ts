// A room as a whole: what is told at its end, and what is left of one that could not be opened.

import { expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import type { RoomSettings } from '../../src/config/settings.ts';
import { type OpenRoomNeeds, openRoom } from '../../src/open-room.ts';
import { createKeyRing } from '../../src/tokens/key-ring.ts';
import { openKeyRing } from '../../src/tokens/key-set.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function roomSettings(): RoomSettings {
  const room = { id: 'sale', shop: 'http://127.0.0.1:9', pacePerMinute: 6_000 };
  const loaded = loadSettings({ path: 'junban.json', text: JSON.stringify({ rooms: [room] }), env: {} });
  const [settings] = loaded.kind === 'ok' ? loaded.settings.rooms : [];
  if (settings === undefined) throw new Error(JSON.stringify(loaded));
  return settings;
}

async function roomNeeds(): Promise<OpenRoomNeeds & { readonly store: MemoryStore; readonly clock: VirtualClock }> {
  const clock = new VirtualClock();
  return {
    settings: roomSettings(),
    prefix: '/_junban',
    store: new MemoryStore(clock),
    exchange: null,
    clock,
    keys: await openKeyRing(await createKeyRing(clock.nowMs())),
    holder: 'this gateway',
    onTrouble: () => undefined,
    onRelay: () => undefined,
    onFallback: () => undefined,
    onShopTrouble: () => undefined,
    tracing: null,
    onFailure: error => {
      throw error;
    },
  };
}

test('[PS80] [AP32] a pass that was used right before the end counts as used', async () => {
  const needs = await roomNeeds();
  const { store, clock } = needs;
  const room = await openRoom(needs);
  await store.takeNumbers('sale', 1);
  const entering = room.door.ask({ kind: 'enter', place: 0 });
  await clock.advance(100);
  const answer = await entering;
  if (answer.kind !== 'admitted') throw new Error(`the device was not let in: ${answer.kind}`);
  // Its first request comes in, all others are inside.
  expect(room.door.isPassUnused(answer.passId)).toBe(true);
  room.door.notePassUse(answer.passId);
  expect(room.door.isPassUnused(answer.passId)).toBe(false);
  const stopped = room.stop();
  await clock.advance(100);
  await stopped;
  const uses = store.changesSinceSnapshot('sale').filter(change => change.kind === 'used');
  expect(uses).toMatchObject([{ passIds: [answer.passId] }]);
});

test('[OP199] an order that cannot be computed is a trouble of the draw, not of the store', async () => {
  const needs = await roomNeeds();
  const { store, clock } = needs;
  const lead = await store.lead('sale', 'before');
  if (lead === null) throw new Error('nobody leads');
  const atMs = clock.nowMs();
  await store.commit('sale', lead.epoch, 0, [
    { kind: 'committed', secret: '00', commitment: '00' },
    { kind: 'phase', phase: 'open', atMs },
    { kind: 'sealed', drawn: 2, atMs, startsAtMs: atMs },
    { kind: 'revealed', seed: 'no hex', randomness: { kind: 'none' } },
  ]);
  const room = await openRoom(needs);
  expect([room.storeTrouble(), room.drawTrouble()]).toEqual([null, expect.stringContaining('could not be computed')]);
  expect(room.door.view.checking).toBe(false);
  const stopped = room.stop();
  await clock.advance(100);
  await stopped;
});
