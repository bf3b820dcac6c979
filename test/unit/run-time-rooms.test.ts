// Rooms made at run time, of which one cannot be opened: what becomes of the others, and what the API says.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { type OpenRoomNeeds, openRoom } from '../../src/open-room.ts';
import { RunTimeRooms } from '../../src/run-time-rooms.ts';
import { createKeyRing } from '../../src/tokens/key-ring.ts';
import { openKeyRing } from '../../src/tokens/key-set.ts';
import { memoryOperators } from '../support/memory-operators.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const shop = 'http://127.0.0.1:9';
const configuration = (id: string, more: object = {}) => ({ id, shop, match: { paths: [`/${id}`] }, ...more });

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'junban-'));
  endings.push(() => rm(path, { recursive: true }));
  return path;
}

/** The rooms of a gateway whose store has these rooms already. */
async function openRooms(...booked: readonly { readonly id: string }[]) {
  const text = JSON.stringify({ rooms: [configuration('sale')] });
  const loaded = loadSettings({ path: 'junban.json', text, env: {} });
  if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded));
  const clock = new VirtualClock();
  const operators = memoryOperators();
  await operators.replaceDocument(
    'rooms',
    null,
    JSON.stringify(Object.fromEntries(booked.map(room => [room.id, room]))),
  );
  const needs: Omit<OpenRoomNeeds, 'settings'> = {
    ...{ prefix: '/_junban', store: new MemoryStore(clock), exchange: null, clock, holder: 'this gateway' },
    keys: await openKeyRing(await createKeyRing(clock.nowMs())),
    ...{ onTrouble: () => undefined, onRelay: () => undefined, onFallback: () => undefined, tracing: null },
    ...{ onShopTrouble: () => undefined, onFailure: () => undefined },
  };
  const failures: string[] = [];
  /** Of every change that the gateway was told of: the rooms it serves, and those it keeps from others meanwhile. */
  const told: { readonly served: readonly string[]; readonly changing: readonly string[] }[] = [];
  const rooms = await RunTimeRooms.open({
    settings: loaded.settings,
    store: operators,
    open: settings => openRoom({ ...needs, settings }),
    onChange: (served, changing) =>
      told.push({ served: served.map(({ settings }) => settings.id), changing: changing.map(({ id }) => id) }),
    onFailure: error => failures.push(String(error)),
  });
  /** Time goes on until it is done: a room that ends takes its last turn. */
  const during = async <T>(doing: Promise<T>): Promise<T> => {
    const timer = setInterval(() => void clock.advance(100), 1);
    try {
      return await doing;
    } finally {
      clearInterval(timer);
    }
  };
  endings.push(async () => {
    rooms.stop();
    await during(Promise.all(rooms.rooms.map(room => room.stop())));
  });
  const served = () => rooms.served.map(({ settings }) => settings.id).sort();
  return { rooms, clock, during, failures, served, told };
}

test('[OP190] a room that cannot be opened keeps no other from being served, and is told once', async () => {
  const logo = join(await folder(), 'logo.svg');
  const { rooms, during, failures, served } = await openRooms(
    configuration('bad', { look: { logo } }),
    configuration('good'),
  );
  expect(served()).toEqual(['good', 'sale']);
  await during(rooms.book.put('third', configuration('third'), null));
  await during(rooms.book.put('good', configuration('good', { pacePerMinute: 7 }), null));
  expect(served()).toEqual(['good', 'sale', 'third']);
  expect(failures).toEqual([expect.stringContaining('room bad of the store is not opened: look.logo')]);
  // What was missing came.
  await writeFile(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await during(rooms.book.put('third', configuration('third', { pacePerMinute: 7 }), null));
  expect(served()).toEqual(['bad', 'good', 'sale', 'third']);
});

// While it was changed its fans were matched to the wider room, and walked into that one's shop past their own line.
test('[OP220] a room that is changed, or cannot be opened, keeps its address all the while', async () => {
  const { rooms, during, told } = await openRooms(configuration('fest'), configuration('bad', { shop: 'nowhere' }));
  expect(rooms.changing).toEqual([
    expect.objectContaining({ id: 'bad', match: expect.objectContaining({ paths: ['/bad'] }) }),
  ]);
  await during(rooms.book.put('fest', configuration('fest', { pacePerMinute: 7 }), null));
  expect(told.slice(-2)).toEqual([
    { served: ['sale'], changing: ['bad', 'fest'] },
    { served: ['sale', 'fest'], changing: ['bad'] },
  ]);
});

test('[OP190] a room whose logo cannot be read is not booked', async () => {
  const { rooms, during, served } = await openRooms();
  const look = { logo: join(await folder(), 'logo.svg') };
  const outcome = await during(rooms.book.put('bad', configuration('bad', { look }), null));
  expect(outcome).toEqual({ kind: 'invalid', problems: [{ field: 'look.logo', detail: expect.any(String) }] });
  expect([rooms.book.list().map(({ id }) => id), served()]).toEqual([['sale'], ['sale']]);
});

test('[CF110] the configuration of a room of the file is told whole, as `check` shows it', async () => {
  const { rooms } = await openRooms();
  const [sale] = rooms.book.list();
  const [settings] = rooms.served.map(served => served.settings);
  expect(sale).toMatchObject({
    id: 'sale',
    source: 'file',
    configuration: { claimWindow: '5m', pass: { idle: '10m' } },
  });
  const text = JSON.stringify({ rooms: [sale?.configuration] });
  expect(loadSettings({ path: 'junban.json', text, env: {} })).toMatchObject({
    kind: 'ok',
    settings: { rooms: [settings] },
  });
});

test('[OP88] a room may have a name that every object inherits', async () => {
  const { rooms, during, served } = await openRooms();
  expect(await during(rooms.book.remove('constructor', null))).toMatchObject({ kind: 'refused' });
  expect(await during(rooms.book.put('constructor', configuration('constructor'), 0))).toMatchObject({
    ...{ kind: 'done', created: true, before: null },
  });
  expect(served()).toEqual(['constructor', 'sale']);
});

test('[OP192] [OP207] a room that is made again under its id has its old line', async () => {
  const { rooms, clock, during } = await openRooms(configuration('again'));
  const opened = () => {
    const room = rooms.rooms.find(({ door }) => door.id === 'again');
    if (room === undefined) throw new Error('the room is not served');
    return room;
  };
  await opened().door.takeNumber();
  expect(await during(opened().door.ask({ kind: 'phase', phase: 'ended' }))).toEqual({ kind: 'done' });
  // The view hears of it.
  await clock.advance(100);
  // OP207
  const version = rooms.book.list().find(({ id }) => id === 'again')?.version ?? 0;
  expect(await during(rooms.book.remove('again', version + 1))).toEqual({ kind: 'changed-meanwhile' });
  expect(await during(rooms.book.remove('again', version))).toMatchObject({ kind: 'done' });
  expect(opened).toThrow('not served');
  expect(await during(rooms.book.put('again', configuration('again'), null))).toMatchObject({
    kind: 'done',
    created: true,
  });
  expect(await opened().countNumbers()).toBe(1);
  expect(opened().door.view.state.phase).toBe('ended');
});
