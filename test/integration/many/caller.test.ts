// The gateway that calls is killed or frozen in the middle of a sale: another calls within 3 s, and whatever happens the
// shop gets no more than pace and cap allow, in the order of the line.

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Crowd, type CrowdMember, mostAtOnce, mostSeenInTenSeconds, mostWithin } from '../../support/crowd.ts';
import { Device } from '../../support/device.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';

const pacePerMinute = 600;

let fleet: GatewayFleet;
let crowds: Crowd[] = [];
afterEach(async () => {
  for (const crowd of crowds) crowd.kill();
  crowds = [];
  await fleet.remove();
});

/** A crowd at each gateway that does not call; resolves to the index of the caller when the sale is under way. */
async function sale(room: Readonly<Record<string, unknown>>, stayMs: number | null): Promise<number> {
  fleet = await GatewayFleet.start({
    gateways: 3,
    room: { pacePerMinute, claimWindow: '30s', graceTime: '30s', ...room },
  });
  const caller = await fleet.caller();
  crowds = [1, 2].map(
    step => new Crowd({ url: fleet.at(caller + step).url, room: 'sale', devices: 300, stayMs, absentEvery: 0 }),
  );
  await Promise.all(crowds.map(crowd => crowd.until(({ following }) => following >= 250, 20_000)));
  await untilAdmitted(30, 20_000);
  return caller;
}

const admittedNow = () => crowds.reduce((sum, { tally }) => sum + tally.admitted, 0);

async function untilAdmitted(more: number, withinMs: number): Promise<void> {
  const before = admittedNow();
  await expect.poll(admittedNow, { timeout: withinMs, interval: 50 }).toBeGreaterThanOrEqual(before + more);
}

async function endCrowds(): Promise<readonly CrowdMember[]> {
  const members = (await Promise.all(crowds.map(crowd => crowd.end()))).flat();
  return members.sort((left, right) => left.number - right.number);
}

const known = (atMs: number | null): atMs is number => atMs !== null;

function expectPaceKept(members: readonly CrowdMember[]): void {
  const admitted = members.map(({ admittedAtMs }) => admittedAtMs).filter(known);
  expect(mostWithin(admitted, 10_000)).toBeLessThanOrEqual(mostSeenInTenSeconds(pacePerMinute));
}

function expectOnePassEach(members: readonly CrowdMember[]): void {
  const passIds = members.map(member => new Set(member.passIds));
  expect(passIds.filter(({ size }) => size > 1)).toEqual([]);
  const all = passIds.flatMap(ids => [...ids]);
  expect(new Set(all).size).toBe(all.length);
}

/** The longest time between two calls, from an instant on. */
function longestRestMs(members: readonly CrowdMember[], fromMs: number): number {
  const instants = members
    .map(({ calledAtMs }) => calledAtMs)
    .filter(known)
    .sort((left, right) => left - right);
  let longestMs = 0;
  for (const [index, atMs] of instants.entries()) {
    const before = instants[index - 1];
    if (before !== undefined && atMs >= fromMs) longestMs = Math.max(longestMs, atMs - before);
  }
  return longestMs;
}

test('[ST66] kill -9 of the caller: another calls within 3 s, pace, order and passes are kept', async () => {
  const caller = await sale({ activeCap: 10_000 }, null);
  const killedAtMs = Date.now();
  await fleet.at(caller).kill();
  await untilAdmitted(80, 25_000);
  expect(await fleet.caller()).not.toBe(caller);
  const members = await endCrowds();
  expect(longestRestMs(members, killedAtMs)).toBeLessThan(3_000 + 60_000 / pacePerMinute);
  expectPaceKept(members);
  expectOnePassEach(members);
  const called = members.filter(({ calledAtMs }) => calledAtMs !== null).length;
  // Nobody was passed over.
  expect(members.slice(0, called).every(({ calledAtMs }) => calledAtMs !== null)).toBe(true);
});

test('[ST66] a frozen caller is followed within 3 s, and woken it changes nothing', async () => {
  const caller = await sale({ activeCap: 10_000 }, null);
  const frozenAtMs = Date.now();
  fleet.at(caller).freeze();
  await untilAdmitted(40, 15_000);
  fleet.at(caller).resume();
  await untilAdmitted(60, 15_000);
  expect(await fleet.caller()).not.toBe(caller);
  const members = await endCrowds();
  expect(longestRestMs(members, frozenAtMs)).toBeLessThan(3_000 + 60_000 / pacePerMinute);
  expectPaceKept(members);
  expectOnePassEach(members);
});

test('[ST66] the cap is never exceeded through a killed caller, a frozen one, and one that comes back', async () => {
  const caller = await sale({ activeCap: 20 }, 1_500);
  await fleet.at(caller).kill();
  await untilAdmitted(25, 20_000);
  const next = await fleet.caller();
  fleet.at(next).freeze();
  await delay(4_000);
  fleet.at(next).resume();
  await fleet.at(caller).restart();
  await untilAdmitted(40, 20_000);
  const members = await endCrowds();
  const spans = members.flatMap(({ admittedAtMs, leavesAtMs }) =>
    admittedAtMs === null ? [] : [{ fromMs: admittedAtMs, untilMs: leavesAtMs }],
  );
  expect(mostAtOnce(spans)).toBeLessThanOrEqual(20);
  expectPaceKept(members);
  expectOnePassEach(members);
});

// What is answered too late may have happened: taken for a failure it would be done again.
test('[ST196] answers that all come after the deadline: checking and no joins, then pace, passes and order as if nothing was', async () => {
  await sale({ activeCap: 10_000 }, null);
  const device = await Device.joined(fleet.at(0).url, 'sale');
  const line = device.follow('socket');
  await line.until(({ checking }) => !checking);
  for (const proxy of fleet.proxies) proxy.delayAnswers(2_500);
  await line.until(({ checking }) => checking, 6_000);
  for (const gateway of fleet.gateways) await expect.poll(() => gateway.readiness(), { timeout: 5_000 }).toBe(503);
  expect((await new Device(fleet.at(1).url, 'sale').join()).status).toBe(503);
  await delay(3_000);
  for (const proxy of fleet.proxies) proxy.delayAnswers(0);
  const inTimeAtMs = Date.now();
  await line.until(({ checking }) => !checking, 5_500);
  const late = new Device(fleet.at(1).url, 'sale');
  await expect.poll(async () => (await late.join()).status, { timeout: 5_000 }).toBe(201);
  expect(Date.now() - inTimeAtMs).toBeLessThan(7_500);
  await untilAdmitted(30, 10_000);
  const members = await endCrowds();
  expect(late.number).toBeGreaterThan(device.number);
  expect(new Set([...members, device, late].map(({ number }) => number)).size).toBe(members.length + 2);
  expectPaceKept(members);
  expectOnePassEach(members);
  const called = members.filter(({ calledAtMs }) => calledAtMs !== null).length;
  expect(members.slice(0, called).every(({ calledAtMs }) => calledAtMs !== null)).toBe(true);
  line.close();
});
