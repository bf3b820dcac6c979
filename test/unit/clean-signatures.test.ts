// What a room knows of its error signatures: a gateway that starts in the middle of an outage believes those that the shop
// was seen without before, and no others.

import { afterEach, expect, test, vi } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { type OpenRoom, openRoom } from '../../src/open-room.ts';
import { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';
import { createKeyRing } from '../../src/tokens/key-ring.ts';
import { openKeyRing } from '../../src/tokens/key-set.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { newStoreFolder, removeStoreFolder } from '../support/store-folder.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const dayMs = 86_400_000;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Gateway = { readonly room: OpenRoom; stop(): Promise<void> };

let gateways = 0;

async function gatewayOn(store: QueueStore, clock: VirtualClock, marker = 'M941'): Promise<Gateway> {
  const autopilot = { mode: 'on', errorSignatures: [{ body: marker }] };
  const rooms = [{ id: 'sale', shop: 'http://127.0.0.1:9', autopilot }];
  const loaded = loadSettings({ path: 'junban.json', text: JSON.stringify({ rooms }), env: {} });
  const [settings] = loaded.kind === 'ok' ? loaded.settings.rooms : [];
  if (settings === undefined) throw new Error(JSON.stringify(loaded));
  const room = await openRoom({
    ...{ settings, store, clock, prefix: '/_junban', exchange: null, holder: `gateway ${++gateways}`, tracing: null },
    keys: await openKeyRing(await createKeyRing(clock.nowMs())),
    onTrouble: () => undefined,
    onRelay: () => undefined,
    onFallback: () => undefined,
    onShopTrouble: () => undefined,
    onFailure: error => {
      throw error;
    },
  });
  const stop = async () => {
    const stopped = room.stop();
    await clock.advance(100);
    await stopped;
  };
  return { room, stop };
}

function answer({ room }: Gateway, count: number, signature: boolean): void {
  for (let answered = 0; answered < count; answered += 1)
    room.watchedShop.onShopOutcome({ kind: 'answered', status: 200, signature, firstByteMs: 10 }, 'inside', 'page');
}

async function told({ room }: Gateway, clock: VirtualClock): Promise<void> {
  await vi.waitFor(async () => {
    await clock.advance(250);
    expect(room.door.view.state.cleanSignatures).not.toBeNull();
  });
}

// It was kept in memory: started again in the middle of an outage, a gateway called a true signature useless.
test('[AP120] a gateway that is started again in an outage believes a signature that the shop was seen without', async () => {
  const clock = new VirtualClock();
  const folder = newStoreFolder();
  cleanups.push(() => removeStoreFolder(folder));
  const openStore = () => EmbeddedStore.open(folder, { nowMs: () => clock.nowMs() });
  const store = await openStore();
  const before = await gatewayOn(store, clock);
  answer(before, 40, false);
  await told(before, clock);
  await before.stop();
  await store.close();

  const reopened = await openStore();
  cleanups.push(() => reopened.close());
  const after = await gatewayOn(reopened, clock);
  answer(after, 100, true);
  expect(after.room.watchedShop.isSignatureUseless()).toBe(false);
  await vi.waitFor(async () => {
    await clock.advance(250);
    expect([...after.room.door.view.state.holds]).toEqual(['shop-failing']);
  });
  await after.stop();
});

test('[AP120] what one gateway saw another believes; of other signatures, and after a week, it says nothing', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const one = await gatewayOn(store, clock);
  answer(one, 40, false);
  await told(one, clock);
  const another = await gatewayOn(store, clock);
  answer(another, 40, true);
  expect(another.room.watchedShop.isSignatureUseless()).toBe(false);
  const changed = await gatewayOn(store, clock, 'M942');
  answer(changed, 40, true);
  expect(changed.room.watchedShop.isSignatureUseless()).toBe(true);
  clock.spend(8 * dayMs);
  expect(another.room.watchedShop.isSignatureUseless()).toBe(true);
  await Promise.all([one, another, changed].map(gateway => gateway.stop()));
});

// Gateways that differ overwrote what the other had noted, once a second each.
test('[AP120] other signatures than those noted last are noted ten minutes later at the soonest', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const timesTold = () => store.changesSinceSnapshot('sale').filter(({ kind }) => kind === 'signatures-clean').length;
  const one = await gatewayOn(store, clock);
  answer(one, 40, false);
  await told(one, clock);
  await one.stop();
  const changed = await gatewayOn(store, clock, 'M942');
  const look = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      answer(changed, 40, false);
      await clock.advance(1_000);
    }
  };
  await look(10);
  expect(timesTold()).toBe(1);
  clock.spend(600_000);
  await look(10);
  expect(timesTold()).toBe(2);
  await changed.stop();
});

test('[AP120] it is told once a day at most, and only by a look that is surely clean', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const gateway = await gatewayOn(store, clock);
  const timesTold = () => store.changesSinceSnapshot('sale').filter(({ kind }) => kind === 'signatures-clean').length;
  answer(gateway, 5, false);
  answer(gateway, 15, true);
  await clock.advance(3_000);
  expect(timesTold()).toBe(0);
  for (let second = 0; second < 10; second += 1) {
    answer(gateway, 40, false);
    await clock.advance(1_000);
  }
  expect(timesTold()).toBe(1);
  clock.spend(dayMs);
  answer(gateway, 40, false);
  await clock.advance(3_000);
  expect(timesTold()).toBe(2);
  await gateway.stop();
});
