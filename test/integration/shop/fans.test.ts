// Simulated fans against a scripted gateway with the real demo shop behind it: whole visits, trouble, and a clean stop.
import { performance } from 'node:perf_hooks';
import { afterEach, expect, test, vi } from 'vitest';
import type { FanBehaviour } from '../../../loadtest/fans/behaviour.ts';
import type { FanCounters } from '../../../loadtest/fans/fan-counters.ts';
import { type FansOptions, type RunningFans, startFans } from '../../../loadtest/fans/fans.ts';
import { openShop } from '../../../loadtest/shop/shop.ts';
import { openScriptedGateway, type Script, type ScriptedGateway } from './scripted-gateway.ts';

const quick: Partial<FanBehaviour> = {
  followsByEventsShare: 0.3,
  followsByPollingShare: 0.3,
  leavesShare: 0,
  losesNetworkShare: 0,
  noShowShare: 0,
  buysNothingShare: 0,
  claimDelay: [10, 50],
  thinks: [5, 20],
  isAway: [50, 100],
  nextFanAfter: [50, 100],
};

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Scene {
  readonly gateway: ScriptedGateway;
  readonly fans: RunningFans;
  until(reached: (counters: Readonly<FanCounters>) => boolean): Promise<void>;
}

async function play(
  script: Partial<Script>,
  behaviour: Partial<FanBehaviour> = {},
  options: Partial<FansOptions> = {},
): Promise<Scene> {
  const shop = await openShop({ port: 0, controlPort: 0, knee: 2_000 });
  stops.push(() => shop.stop());
  const state = (ageMs: number): string => (ageMs < 200 ? 'waiting' : 'called');
  const gateway = await openScriptedGateway({ state, instead: () => undefined, ...script }, shop.url);
  stops.push(() => gateway.stop());
  const fans = startFans({
    gatewayUrl: gateway.url,
    room: 'sale',
    count: 12,
    arrivalsPerSecond: 100,
    seed: 5,
    behaviour: { ...quick, ...behaviour },
    ...options,
  });
  stops.push(() => fans.stop());
  const until: Scene['until'] = reached =>
    vi.waitFor(() => expect(reached(fans.counters())).toBe(true), { timeout: 20_000, interval: 20 });
  return { gateway, fans, until };
}

test('fans wait, are called, claim, buy, and others come after them, without an error', async () => {
  const { fans, gateway, until } = await play({});
  await until(({ bought }) => bought >= 30);
  const counters = fans.counters();
  expect(Object.values(counters.errors)).toEqual(Object.values(counters.errors).map(() => 0));
  expect(counters.arrived).toBeGreaterThan(30);
  expect(gateway.requests).toContain('GET /_junban/v1/tickets/current');
  expect(gateway.requests).toContain('GET /_junban/v1/tickets/current/events');
});

test('fans leave, lose the network, miss their turn and buy nothing, each in its share', async () => {
  const behaviour = {
    leavesShare: 0.3,
    leavesAfter: [20, 100],
    losesNetworkShare: 0.5,
    losesNetworkAfter: [20, 100],
    noShowShare: 0.3,
    buysNothingShare: 0.5,
    saysGoodbyeShare: 1,
  } as const;
  const { gateway, until } = await play({}, behaviour);
  await until(({ left, lostNetwork, noShows, boughtNothing, bought }) => {
    return Math.min(left, lostNetwork, noShows, boughtNothing, bought) >= 3;
  });
  expect(gateway.requests).toContain('DELETE /_junban/v1/tickets/current');
});

test('a fan who missed the turn says so and is called again', async () => {
  const state = (ageMs: number): string => (ageMs < 100 ? 'waiting' : ageMs < 400 ? 'missed' : 'called');
  const { until } = await play({ state });
  await until(({ bought }) => bought >= 12);
});

test('errors are counted and asked again with back-off, never in a busy loop', async () => {
  const { gateway, fans } = await play({ instead: () => ({ status: 503, body: 'no' }) }, {}, { count: 20 });
  const sinceMs = performance.now();
  await vi.waitFor(() => expect(fans.counters().errors.held).toBeGreaterThan(60), { timeout: 10_000 });
  const seconds = (performance.now() - sinceMs) / 1_000;
  expect(gateway.requests.length / 20 / seconds).toBeLessThan(3);
});

test('a page of the line in place of the shop is seen as a fan thrown back', async () => {
  const instead: Script['instead'] = (_method, path) =>
    path === '/checkout' ? { status: 200, body: '<p>line</p>' } : undefined;
  const { until } = await play({ instead });
  await until(({ errors, gaveUp }) => errors.thrownBack >= 1 && gaveUp >= 1);
});

test('M941 at the payment is counted as such', async () => {
  const instead: Script['instead'] = (method, path) =>
    method === 'POST' && path === '/checkout' ? { status: 500, body: '[M941]' } : undefined;
  const { until } = await play({ instead });
  await until(({ errors }) => errors.m941 >= 3);
});

test('fans sent away by a restarting gateway come back to their place', async () => {
  const onlySockets = { followsByEventsShare: 0, followsByPollingShare: 0 };
  const { gateway, fans, until } = await play({ state: () => 'waiting' }, onlySockets);
  await vi.waitFor(() => expect(gateway.following()).toBe(12));
  gateway.closeSockets(4001, '100');
  await until(({ sentAway }) => sentAway === 12);
  await vi.waitFor(() => expect(gateway.following()).toBe(12), { timeout: 5_000 });
  expect(fans.counters()).toMatchObject({ arrived: 12, joined: 12, gaveUp: 0, inLine: 12 });
});

test('a fan whose ticket is refused goes away, and another comes', async () => {
  const onlySockets = { followsByEventsShare: 0, followsByPollingShare: 0 };
  const { gateway, until } = await play({ state: () => 'waiting' }, onlySockets);
  await vi.waitFor(() => expect(gateway.following()).toBe(12));
  gateway.closeSockets(4101, 'ticket-invalid');
  await until(({ gaveUp, errors, inLine }) => gaveUp === 12 && errors.refused === 12 && inLine === 12);
});

test('fans stop within 200 ms wherever they are, and leave no connection', async () => {
  const { gateway, fans, until } = await play({ state: () => 'waiting' }, {}, { count: 60 });
  await until(({ inLine }) => inLine === 60);
  await vi.waitFor(() => expect(gateway.following()).toBeGreaterThan(20));
  const sinceMs = performance.now();
  await fans.stop();
  expect(performance.now() - sinceMs).toBeLessThan(200);
  await vi.waitFor(async () => expect(await gateway.connections()).toBe(0));
  expect(process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length).toBeLessThan(10);
});
