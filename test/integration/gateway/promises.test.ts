// The promises at the size of a sale: order, pace, cap and no burst with 2,000 devices, and what kill -9 leaves of them.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  Crowd,
  type CrowdMember,
  type CrowdOrder,
  mostAtOnce,
  mostSeenInTenSeconds,
  mostWithin,
} from '../../support/crowd.ts';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

let shop: RecordingShop;
let gateway: GatewayProcess;
let crowd: Crowd | null;

beforeEach(async () => {
  crowd = null;
  shop = await RecordingShop.start();
});
afterEach(async () => {
  crowd?.kill();
  await gateway?.remove();
  await shop.close();
});

async function start(rules: { pacePerMinute: number; activeCap: number; claimWindow: string }): Promise<void> {
  gateway = await GatewayProcess.start({ rooms: [{ id: 'sale', shop: shop.url, graceTime: '30s', ...rules }] });
}

function gather(order: Omit<CrowdOrder, 'url' | 'room'>): Crowd {
  crowd = new Crowd({ url: gateway.url, room: 'sale', ...order });
  return crowd;
}

const known = (atMs: number | null): atMs is number => atMs !== null;
const admissions = (members: readonly CrowdMember[]) => members.map(({ admittedAtMs }) => admittedAtMs).filter(known);

/** Calls go by arrival, exactly: the end of the claim window tells the instant of the call. */
function expectCalledInOrder(members: readonly CrowdMember[], toleranceMs = 0): void {
  const called = members.filter(({ claimByMs }) => claimByMs !== null);
  for (const [index, member] of called.entries()) {
    const before = called[index - 1];
    if (before !== undefined) {
      expect(member.claimByMs, `call of ${member.number}`).toBeGreaterThanOrEqual(
        (before.claimByMs ?? 0) - toleranceMs,
      );
    }
  }
  // Nobody was passed over.
  expect(called.map(({ number }) => number)).toEqual(members.slice(0, called.length).map(({ number }) => number));
}

/** Who claims at once enters in the order of arrival, but for the way of two claims through the network. */
function expectEnteredInOrder(members: readonly CrowdMember[], wayMs: number): void {
  let latestMs = 0;
  for (const { number, admittedAtMs } of members) {
    if (admittedAtMs === null) continue;
    expect(admittedAtMs, `entrance of ${number}`).toBeGreaterThan(latestMs - wayMs);
    latestMs = Math.max(latestMs, admittedAtMs);
  }
}

function expectPaceKept(members: readonly CrowdMember[], pacePerMinute: number): void {
  expect(mostWithin(admissions(members), 10_000)).toBeLessThanOrEqual(mostSeenInTenSeconds(pacePerMinute));
}

const inside = (members: readonly CrowdMember[]) =>
  members.flatMap(({ admittedAtMs, leavesAtMs }) =>
    admittedAtMs === null ? [] : [{ fromMs: admittedAtMs, untilMs: leavesAtMs }],
  );

describe('2,000 devices', () => {
  test('[CL30] at 600 a minute enter in the order of arrival, never more than the pace, few calls open', async () => {
    await start({ pacePerMinute: 600, activeCap: 500, claimWindow: '2s' });
    const fans = gather({ devices: 2_000, stayMs: null, absentEvery: 10 });
    await fans.until(({ joined, following }) => joined === 2_000 && following >= 1_990, 30_000);
    await fans.until(({ admitted }) => admitted >= 130, 30_000);
    const members = await fans.end();
    expect(members.map(({ number }) => number)).toEqual(members.map((_, index) => index));
    expectEnteredInOrder(members, 250);
    expectPaceKept(members, 600);
    // Absent devices use up no pace: the shop gets what it can take.
    const entered = admissions(members).sort((left, right) => left - right);
    const spanMs = (entered.at(-1) ?? 0) - (entered[0] ?? 0);
    expect(entered.length).toBeGreaterThan((spanMs / 100) * 0.85);
    const open = members.flatMap(({ calledAtMs, admittedAtMs, missedAtMs }) =>
      calledAtMs === null ? [] : [{ fromMs: calledAtMs, untilMs: admittedAtMs ?? missedAtMs }],
    );
    expect(mostAtOnce(open)).toBeLessThanOrEqual(600 / 30);
    expect(members.filter(({ missedAtMs }) => missedAtMs !== null).length).toBeGreaterThan(5);
  });

  test('[CL30] at 6,000 a minute all get in, once each, with no burst after a pause', async () => {
    await start({ pacePerMinute: 6_000, activeCap: 200, claimWindow: '60s' });
    await gateway.operate('POST', 'sale/pause');
    const fans = gather({ devices: 2_000, stayMs: 700, absentEvery: 0 });
    await fans.until(({ joined, following }) => joined === 2_000 && following === 2_000, 30_000);
    await expect
      .poll(() => gateway.operate('GET', 'sale'))
      .toMatchObject({ handedOut: 2_000, waiting: 2_000, called: 0 });
    await gateway.operate('POST', 'sale/resume');
    await fans.until(({ admitted }) => admitted >= 600, 20_000);
    await gateway.operate('POST', 'sale/pause');
    const pausedAtMs = Date.now();
    await delay(2_000);
    await gateway.operate('POST', 'sale/resume');
    const resumedAtMs = Date.now();
    await fans.until(({ gone }) => gone === 2_000, 40_000);
    const members = await fans.end();

    expectCalledInOrder(members);
    expectEnteredInOrder(members, 250);
    expectPaceKept(members, 6_000);
    expect(mostWithin(admissions(members), 1_000)).toBeLessThanOrEqual(110);
    expect(admissions(members).filter(atMs => atMs > pausedAtMs && atMs < resumedAtMs - 50)).toEqual([]);
    expect(mostAtOnce(inside(members))).toBeLessThanOrEqual(200);
    expect(new Set(members.flatMap(({ passIds }) => passIds)).size).toBe(2_000);
    expect(members.filter(({ claims }) => claims.filter(status => status === 201).length !== 1)).toEqual([]);
    // The pace was used: less than a tenth of it was lost beside the pause.
    const entered = admissions(members).sort((left, right) => left - right);
    expect((entered.at(-1) ?? 0) - (entered[0] ?? 0)).toBeLessThan(20_000 * 1.1 + 2_000);
  });
});

test('[CL30] never more than the active cap inside, and every slot that frees is used', async () => {
  await start({ pacePerMinute: 60_000, activeCap: 20, claimWindow: '60s' });
  const fans = gather({ devices: 300, stayMs: 200, absentEvery: 0 });
  await fans.until(({ gone }) => gone === 300, 20_000);
  const members = await fans.end();
  expect(mostAtOnce(inside(members))).toBeLessThanOrEqual(20);
  expect(mostAtOnce(inside(members))).toBeGreaterThan(15);
  expectEnteredInOrder(members, 250);
});

describe('kill -9', () => {
  test('[CL30] during 1,000 joins: no answered place is lost or given twice', async () => {
    await start({ pacePerMinute: 600, activeCap: 1, claimWindow: '60s' });
    const head = await Device.joined(gateway.url, 'sale');
    await head.untilCalled();
    await head.enter();
    const devices: Device[] = [];
    let toJoin = 1_000;
    const joiner = async () => {
      while (toJoin > 0) {
        toJoin -= 1;
        const device = new Device(gateway.url, 'sale');
        // Cut off by the kill: whoever got no answer has no place.
        const answer = await device.join().catch(() => null);
        if (answer?.status === 201) devices.push(device);
      }
    };
    const joining = Promise.all(Array.from({ length: 50 }, joiner));
    await expect.poll(() => devices.length, { interval: 1, timeout: 10_000 }).toBeGreaterThan(300);
    await gateway.kill();
    await joining;
    expect(devices.length).toBeLessThan(1_000);
    await gateway.restart();

    const places = await Promise.all(devices.map(device => device.status()));
    expect(places.map(({ place }) => place)).toEqual(devices.map(({ number }) => number));
    const later = await Promise.all(Array.from({ length: 200 }, () => Device.joined(gateway.url, 'sale')));
    const numbers = [...devices, ...later].map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.min(...later.map(({ number }) => number))).toBeGreaterThan(
      Math.max(...devices.map(({ number }) => number)),
    );
    // Who never came back is not in front of anybody.
    const last = later.at(-1);
    expect((await last?.status())?.ahead).toBe(devices.length);
  });

  test('[PS24] [CL30] while devices are called and inside: everybody gets in once, under pace and cap', async () => {
    await start({ pacePerMinute: 3_000, activeCap: 40, claimWindow: '30s' });
    const fans = gather({ devices: 400, stayMs: 500, absentEvery: 0 });
    for (const admitted of [80, 200]) {
      await fans.until(tally => tally.admitted >= admitted && tally.inside > 5, 20_000);
      await gateway.kill();
      await gateway.restart();
    }
    await fans.until(({ gone }) => gone === 400, 40_000);
    const members = await fans.end();
    expect(members.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(members.map(({ passIds }) => new Set(passIds).size)).toEqual(members.map(() => 1));
    expect(new Set(members.flatMap(({ passIds }) => passIds)).size).toBe(400);
    expectPaceKept(members, 3_000);
    expect(mostWithin(admissions(members), 1_000)).toBeLessThanOrEqual(56);
    expect(mostAtOnce(inside(members))).toBeLessThanOrEqual(40);
  });
});
