// One behaviour of following, the same on all three transports: a real gateway, real sockets, a room for each test.

import { describe, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { type Following, type Transport, transports } from '../../support/follow.ts';
import { gatewayWithRooms } from '../../support/gateway-rooms.ts';

/** What each test's room is beside the defaults below. */
const cases = {
  shape: {},
  lobby: { opensAt: '2020-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' },
  numbers: {},
  turn: {},
  missed: { claimWindow: '1s' },
  paused: { activeCap: 2, claimWindow: '3s' },
  news: {},
  start: { opensAt: '2020-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' },
  quiet: {},
  tabs: {},
} as const;

const graceMs = 1_000;
const followMs = 3_000;
/** A poller that stopped is there until it should have asked again. */
const pollMs = 1_000;

const rooms = transports.flatMap(transport =>
  Object.entries(cases).map(([name, more]) => [`${name}-${transport}`, more] as const),
);
const stand = gatewayWithRooms(Object.fromEntries(rooms), () => ({ graceTime: `${graceMs / 1_000}s` }));

type Followed = { readonly device: Device; readonly line: Following };

describe.concurrent.each(transports)('followed by %s', transport => {
  const room = (name: keyof typeof cases) => `${name}-${transport}`;

  async function joinAndFollow(name: keyof typeof cases, by: Transport = transport): Promise<Followed> {
    const device = await Device.joined(stand.gateway.url, room(name));
    const line = device.follow(by);
    await line.until(() => true);
    return { device, line };
  }

  /** One device is called and holds the only slot, so that everybody after it waits. */
  async function holdTheLine(name: keyof typeof cases): Promise<Followed> {
    const head = await joinAndFollow(name, 'socket');
    await head.line.until(({ state }) => state === 'called');
    return head;
  }

  test('[WR35] the first status comes at once and has every key of STATUS, and no other', async () => {
    const head = await holdTheLine('shape');
    const device = await Device.joined(stand.gateway.url, room('shape'));
    const line = device.follow(transport);
    const first = await line.until(() => true, 1_000);
    expect(first).toEqual({
      v: 1,
      room: room('shape'),
      phase: 'open',
      paused: false,
      state: 'waiting',
      number: 1,
      place: 1,
      ahead: 0,
      total: first.total,
      // LN140: the room is full, and nobody knows when its only slot becomes free.
      etaSeconds: null,
      pacePerMinute: 6_000,
      startsAt: expect.any(String),
      claimBy: null,
      message: null,
      asOf: expect.any(String),
      checking: false,
      next: expect.any(Number),
    });
    expect(head.line.latest).toMatchObject({
      state: 'called',
      ahead: 0,
      etaSeconds: null,
      claimBy: expect.any(String),
    });
    const leftMs = Date.parse(head.line.latest?.claimBy ?? '') - Date.parse(head.line.latest?.asOf ?? '');
    expect(leftMs).toBeGreaterThan(50_000);
    expect(leftMs).toBeLessThanOrEqual(60_000);
    line.close();
    head.line.close();
  });

  test('[WR35] before the draw place and ahead are null, never a guess', async () => {
    const { line } = await joinAndFollow('lobby');
    expect(line.latest).toMatchObject({
      phase: 'lobby',
      state: 'lobby',
      number: 0,
      place: null,
      ahead: null,
      etaSeconds: null,
      startsAt: '2099-01-01T00:00:00.000Z',
      claimBy: null,
    });
    line.close();
  });

  test('[WR34] [WR36] others follow within 3 s when a device connects, closes, comes back and leaves', async () => {
    const head = await holdTheLine('numbers');
    const before = await Device.joined(stand.gateway.url, room('numbers'));
    const behind = await joinAndFollow('numbers');
    // A join alone makes no device present.
    expect(behind.line.latest).toMatchObject({ place: 2, ahead: 0 });

    const first = before.follow(transport);
    await behind.line.until(({ ahead }) => ahead === 1, followMs);
    first.close();
    await behind.line.until(({ ahead }) => ahead === 0, graceMs + followMs + (transport === 'polling' ? pollMs : 0));
    const again = before.follow(transport);
    await behind.line.until(({ ahead }) => ahead === 1, followMs);
    again.close();
    expect((await before.leave()).status).toBe(204);
    // Long before the grace time would be over.
    await behind.line.until(({ ahead }) => ahead === 0, followMs);
    behind.line.close();
    head.line.close();
  });

  test('[WR36] a call, the claim and the end of a pass are told at once', async () => {
    const head = await holdTheLine('turn');
    const next = await joinAndFollow('turn');
    const last = await joinAndFollow('turn');
    await last.line.until(({ ahead }) => ahead === 1, followMs);
    expect((await head.device.enter()).status).toBe(201);
    await head.line.until(({ state }) => state === 'admitted', 1_000);
    expect(next.line.latest?.state).toBe('waiting');
    expect((await head.device.leave()).status).toBe(204);
    const withinMs = transport === 'polling' ? followMs : 1_000;
    const called = await next.line.until(({ state }) => state === 'called', withinMs);
    expect(called).toMatchObject({ ahead: 0, claimBy: expect.any(String) });
    expect((await next.device.enter()).status).toBe(201);
    expect(await next.line.until(({ state }) => state === 'admitted', withinMs)).toMatchObject({ claimBy: null });
    await last.line.until(({ ahead }) => ahead === 0, followMs);
    for (const { line } of [head, next, last]) line.close();
  });

  test('[CL31] who missed the call says "I am here" and is called before everybody behind', async () => {
    const sleeper = await joinAndFollow('missed');
    const holder = await joinAndFollow('missed');
    await sleeper.line.until(({ state }) => state === 'missed', 10_000);
    await holder.line.until(({ state }) => state === 'called', followMs);
    expect((await holder.device.enter()).status).toBe(201);
    const behind = await joinAndFollow('missed');
    expect(behind.line.latest).toMatchObject({ state: 'waiting', ahead: 0 });
    expect((await sleeper.device.status()).ahead).toBe(0);

    const back = await sleeper.device.claim();
    expect(back.status).toBe(202);
    expect(back.json()).toMatchObject({ state: 'waiting', ahead: 0, place: 0 });
    await behind.line.until(({ ahead }) => ahead === 1, followMs);
    await holder.device.leave();
    // A poller asks again after the `next` of the claim's answer, not of what it was told before.
    const awake = sleeper.device.follow(transport);
    await awake.until(({ state }) => state === 'called', followMs);
    expect(behind.line.latest?.state).toBe('waiting');
    expect((await sleeper.device.enter()).status).toBe(201);
    for (const line of [sleeper.line, awake, holder.line, behind.line]) line.close();
  });

  test('[CL32] while paused claims get 202 and keep their turn, windows stand still, nobody is called', async () => {
    const claiming = await joinAndFollow('paused');
    const idle = await joinAndFollow('paused');
    await idle.line.until(({ state }) => state === 'called');
    await stand.gateway.operate('POST', `${room('paused')}/pause`);
    await idle.line.until(({ paused }) => paused, followMs);
    const waiting = await joinAndFollow('paused');

    // Two claims, held for 2 s each: longer than the claim window.
    for (const _ of [1, 2]) {
      const answer = await claiming.device.claim();
      expect(answer.status).toBe(202);
      expect(answer.json()).toMatchObject({ state: 'entering', paused: true });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    const held = await idle.device.status();
    expect(held).toMatchObject({ state: 'called', paused: true, etaSeconds: null });
    const leftMs = Date.parse(held.claimBy ?? '') - Date.parse(held.asOf);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(3_000);
    expect(await waiting.device.status()).toMatchObject({ state: 'waiting', etaSeconds: null });

    await stand.gateway.operate('POST', `${room('paused')}/resume`);
    expect((await claiming.device.enter()).status).toBe(201);
    expect((await idle.device.enter()).status).toBe(201);
    await claiming.device.leave();
    await waiting.line.until(({ state }) => state === 'called', followMs);
    for (const { line } of [claiming, idle, waiting]) line.close();
  });

  test('[WR36] messages, pace and phase are told at once', async () => {
    const head = await holdTheLine('news');
    const { line } = await joinAndFollow('news');
    const withinMs = transport === 'polling' ? followMs : 1_000;
    await stand.gateway.operate('POST', `${room('news')}/message`, { text: '順番です "<b>&"' });
    await line.until(({ message }) => message === '順番です "<b>&"', withinMs);
    await stand.gateway.operate('PUT', `${room('news')}/pace`, { perMinute: 30 });
    await line.until(({ pacePerMinute }) => pacePerMinute === 30, withinMs);
    await stand.gateway.operate('POST', `${room('news')}/message`, { text: null });
    await line.until(({ message }) => message === null, withinMs);
    await stand.gateway.operate('PUT', `${room('news')}/phase`, { phase: 'ended' });
    await line.until(({ phase, state }) => phase === 'ended' && state === 'ended', withinMs);
    line.close();
    head.line.close();
  });

  test('[WR36] the start turns the lobby into a line at once', async () => {
    const lines = await Promise.all([1, 2, 3].map(() => joinAndFollow('start')));
    await stand.gateway.operate('PUT', `${room('start')}/phase`, { phase: 'open' });
    const withinMs = transport === 'polling' ? pollMs + followMs : 2_000;
    const statuses = await Promise.all(
      lines.map(({ line }) => line.until(({ phase, place }) => phase === 'open' && place !== null, withinMs)),
    );
    expect(statuses.map(({ place }) => place).sort()).toEqual([0, 1, 2]);
    for (const { line } of lines) line.close();
  });

  test('[WR36] a status is at most 1 s old when sent, and none stays away longer than 20 s', async () => {
    const head = await holdTheLine('quiet');
    const { line } = await joinAndFollow('quiet');
    await line.until(({ total }) => total === 1, followMs);
    const { length } = line.heard;
    await line.next(20_000);
    expect(line.heard.length).toBe(length + 1);
    for (const { status, atMs } of line.heard) {
      expect(atMs - Date.parse(status.asOf)).toBeLessThan(1_000);
      expect(atMs - Date.parse(status.asOf)).toBeGreaterThan(-50);
    }
    line.close();
    head.line.close();
  });

  test('[WR34] two tabs of one device are one device, there until the last has gone', async () => {
    const head = await holdTheLine('tabs');
    const before = await joinAndFollow('tabs');
    const secondTab = before.device.follow(transport);
    const behind = await joinAndFollow('tabs');
    await secondTab.until(({ total }) => total === 2, followMs);
    expect(secondTab.latest?.number).toBe(before.line.latest?.number);
    await behind.line.until(({ ahead, total }) => ahead === 1 && total === 2, followMs);

    before.line.close();
    const third = await joinAndFollow('tabs');
    // A whole grace time and more after the first tab went, while the second is there.
    await third.line.until(({ ahead }) => ahead === 2, followMs);
    third.line.close();
    await behind.line.until(({ total }) => total === 2, graceMs + followMs + pollMs);
    expect(behind.line.latest?.ahead).toBe(1);
    secondTab.close();
    await behind.line.until(({ ahead }) => ahead === 0, graceMs + followMs + pollMs);
    behind.line.close();
    head.line.close();
  });
});
