// Three gateways of one room: whichever a device asks, the answer is the same; and one of them that dies or stops costs a
// device no more than a reconnect.

import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Device, navigationHeaders } from '../../support/device.ts';
import { transports } from '../../support/follow.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';

let fleet: GatewayFleet;
beforeEach(async () => {
  const room = {
    pacePerMinute: 6_000,
    activeCap: 1,
    claimWindow: '30s',
    graceTime: '4s',
    pass: { idle: '1m', max: '10m' },
  };
  fleet = await GatewayFleet.start({ gateways: 3, room });
});
afterEach(() => fleet.remove());

const at = (device: Device, index: number) => device.copy(fleet.at(index).url);

/** One device is inside, so that all others wait. */
async function fill(): Promise<Device> {
  const inside = new Device(fleet.at(0).url, 'sale');
  await inside.visit('/');
  expect(inside.pass).not.toBe('');
  return inside;
}

describe('any gateway', () => {
  test('[ST61] numbers are unique and in order, each device has one place wherever it asks, over every transport', async () => {
    await fill();
    const devices: Device[] = [];
    for (let index = 0; index < 6; index += 1) devices.push(await Device.joined(fleet.at(index).url, 'sale'));
    expect(devices.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    const lines = devices.map((device, index) => at(device, index + 1).follow(transports[index % 3] ?? 'socket'));
    for (const [index, line] of lines.entries()) {
      const status = await line.until(({ ahead, total }) => ahead === index && total === 6, 6_000);
      expect(status).toMatchObject({ state: 'waiting', place: index + 1 });
    }
    for (const line of lines) line.close();
  });

  test('[ST61] a turn goes from gateway to gateway: called at one, claimed at another, in the shop at a third', async () => {
    const inside = await fill();
    const device = await Device.joined(fleet.at(1).url, 'sale');
    const line = at(device, 2).follow('socket');
    await line.until(({ state }) => state === 'called' || state === 'waiting');
    expect((await at(inside, 1).leave()).status).toBe(204);
    await line.until(({ state }) => state === 'called');
    const claiming = at(device, 0);
    expect((await claiming.enter()).status).toBe(201);
    await line.until(({ state }) => state === 'admitted');
    const answers = await Promise.all([0, 1, 2].map(index => at(claiming, index).fetch('/api')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const again = await at(device, 1).claim();
    expect([again.status, again.json()['pass'] !== undefined]).toEqual([200, true]);
    line.close();
  });

  test('[ST62] whoever leaves by one gateway is present with none, though another still held its connection', async () => {
    await fill();
    const [gone, behind] = [await Device.joined(fleet.at(0).url, 'sale'), await Device.joined(fleet.at(0).url, 'sale')];
    const third = await Device.joined(fleet.at(0).url, 'sale');
    const lines = [at(gone, 0), at(behind, 1), at(third, 2)].map(device => device.follow('socket'));
    await lines[2]?.until(({ total, ahead }) => total === 3 && ahead === 2, 6_000);
    lines[0]?.close();
    await at(gone, 1).leave();
    await lines[2]?.until(({ total, ahead }) => total === 2 && ahead === 1, 3_000);
    for (const line of lines) line.close();
  });

  test('[ST63] what an operator sets at one gateway holds at all within a second', async () => {
    const devices = await Promise.all([0, 1, 2].map(index => Device.joined(fleet.at(index).url, 'sale')));
    const lines = devices.map((device, index) => at(device, index).follow('socket'));
    for (const line of lines) await line.until(() => true);
    for (const [index, gateway] of fleet.gateways.entries()) {
      const pace = 100 + index;
      const setAtMs = Date.now();
      await gateway.operate('PUT', 'sale/pace', { perMinute: pace });
      await Promise.all(lines.map(line => line.until(({ pacePerMinute }) => pacePerMinute === pace, 1_000)));
      expect(Date.now() - setAtMs).toBeLessThan(1_000);
      const reports = await Promise.all(fleet.gateways.map(each => each.operate('GET', 'sale')));
      expect(reports.map(report => report['pacePerMinute'])).toEqual([pace, pace, pace]);
    }
    await fleet.at(2).operate('POST', 'sale/pause');
    await Promise.all(lines.map(line => line.until(({ paused }) => paused, 1_000)));
    for (const line of lines) line.close();
  });
});

describe('switches', () => {
  test('[CL81] each switch of an operator, given at one gateway, holds at all within a second', async () => {
    const inside = await fill();
    const waiting: Device[] = [];
    for (let index = 0; index < 3; index += 1) waiting.push(await Device.joined(fleet.at(index).url, 'sale'));
    const [first, second, third] = waiting;
    if (first === undefined || second === undefined || third === undefined) throw new Error('nobody waits');
    const lines = [at(first, 1), at(second, 2), at(third, 0)].map(device => device.follow('socket'));
    for (const line of lines) await line.until(({ total }) => total === 3, 6_000);
    let turns = 0;
    /** Gives the switch at one gateway after the other, and waits until all of them say so. */
    const give = async (method: 'POST' | 'PUT', name: string, body: object | undefined, shown: object) => {
      turns += 1;
      const gaveAtMs = Date.now();
      await fleet.at(turns).operate(method, `sale/${name}`, body);
      for (const gateway of fleet.gateways) {
        await expect.poll(() => gateway.operate('GET', 'sale'), { timeout: 1_000, interval: 20 }).toMatchObject(shown);
      }
      expect([name, Date.now() - gaveAtMs < 1_000]).toEqual([name, true]);
    };
    await give('POST', 'pause', undefined, { paused: true });
    await Promise.all(lines.map(line => line.until(({ paused }) => paused, 1_000)));
    await give('POST', 'resume', undefined, { paused: false });
    await give('POST', 'drain', { on: true }, { draining: true });
    await give('PUT', 'shop', { failing: true }, { shopFailing: true });
    await give('PUT', 'shop', { failing: false }, { shopFailing: false });
    await give('PUT', 'autopilot', { mode: 'shadow' }, { autopilot: { mode: 'shadow' } });
    // The last in line, ahead of the others, though nobody else is called.
    await give('POST', 'let-in', { tickets: [String(third.number)] }, { called: 1 });
    await lines[2]?.until(({ state }) => state === 'called', 1_000);
    await give('POST', 'revoke', { tickets: [String(inside.number)] }, { active: 0 });
    for (const index of [0, 1, 2]) expect((await at(inside, index).status()).state).toBe('left');
    expect((await at(third, 1).enter()).status).toBe(201);
    await give('PUT', 'cap', { active: 3 }, { activeCap: 3 });
    await give('POST', 'drain', { on: false }, { draining: false });
    await Promise.all([0, 1].map(index => lines[index]?.until(({ state }) => state === 'called', 2_000)));
    for (const line of lines) line.close();
  });
});

describe('a gateway that goes', () => {
  test('[ST64] its devices are at another with the same place, and their presence never lapses within the grace time', async () => {
    await fill();
    const devices: Device[] = [];
    for (let index = 0; index < 4; index += 1) devices.push(await Device.joined(fleet.at(0).url, 'sale'));
    const [watcher] = devices.slice(-1);
    if (watcher === undefined) throw new Error('nobody watches');
    const caller = await fleet.caller();
    const dying = (caller + 1) % 3;
    const alive = (caller + 2) % 3;
    const lines = devices.slice(0, 3).map(device => at(device, dying).follow('socket'));
    const watching = at(watcher, alive).follow('socket');
    await watching.until(({ total, ahead }) => total === 4 && ahead === 3, 6_000);
    const heardBefore = watching.heard.length;

    await fleet.at(dying).kill();
    await Promise.all(lines.map(({ ended }) => ended));
    const back = devices
      .slice(0, 3)
      .map((device, index) => at(device, index % 2 === 0 ? caller : alive).follow('socket'));
    const statuses = await Promise.all(back.map(line => line.until(() => true)));
    expect(statuses.map(({ place }) => place)).toEqual(devices.slice(0, 3).map(({ number }) => number));
    // Longer than the lease of the dead gateway and what it takes to believe it.
    await new Promise(resolve => setTimeout(resolve, 16_000));
    const heard = watching.heard.slice(heardBefore).map(({ status }) => [status.total, status.ahead]);
    expect(heard.filter(([total, ahead]) => total !== 4 || ahead !== 3)).toEqual([]);
    for (const line of [...back, watching]) line.close();
  });

  test('[ST65] SIGTERM drains one of many: its devices are told to come back, nobody loses a place, another calls at once', async () => {
    await fill();
    const caller = await fleet.caller();
    const device = await Device.joined(fleet.at(caller).url, 'sale');
    const line = at(device, caller).follow('socket');
    await line.until(() => true);
    const stopped = fleet.at(caller).terminate();
    expect((await line.ended).code).toBe(4001);
    const back = at(device, caller + 1).follow('socket');
    expect(await back.until(() => true)).toMatchObject({ place: device.number, checking: false });
    expect((await stopped).code).toBe(0);
    await expect.poll(() => fleet.caller(), { timeout: 3_000 }).not.toBe(caller);
    expect(back.heard.filter(({ status }) => status.checking)).toEqual([]);
    back.close();
  });

  test('[OP90] fans inside who click on kept connections while one of many ends get the shop each time', async () => {
    const inside = await fill();
    const [ending, other] = [fleet.at(1), fleet.at(2)];
    const upstreams = Array.from({ length: 6 }, () => new Pool(ending.url, { connections: 1, pipelining: 1 }));
    const elsewhere = new Pool(other.url);
    const answers: (number | string)[] = [];
    let hasEnded = false;
    const click = async (upstream: Pool, headers: Readonly<Record<string, string>>) => {
      let served = upstream;
      for (let clicks = 0; clicks < 40 || !hasEnded; clicks += 1) {
        const answer = await served.request({ path: '/api', method: 'GET', headers }).catch(() => null);
        // A new connection finds another gateway.
        if (answer === null || answer.headers['connection'] === 'close') served = elsewhere;
        // A connection that is refused is no answer: the browser asks the next gateway.
        if (answer === null) continue;
        answers.push(answer.statusCode);
        await answer.body.dump();
        await delay(20);
      }
    };
    const cookie = { cookie: inside.cookieHeader };
    const clicking = upstreams.map((upstream, index) =>
      click(upstream, { ...cookie, ...(index < 3 ? navigationHeaders : {}) }),
    );
    await expect.poll(() => answers.length).toBeGreaterThan(12);
    expect((await ending.terminate()).code).toBe(0);
    hasEnded = true;
    await Promise.all(clicking);
    expect(new Set(answers)).toEqual(new Set([200]));
    await Promise.all([...upstreams, elsewhere].map(pool => pool.close()));
  });
});
