// The gateway as a process: its orderly end, its keys, its refusals to start, and what it prints then.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Device, navigationHeaders } from '../../support/device.ts';
import { freePort } from '../../support/free-port.ts';
import { GatewayProcess, runJunban } from '../../support/gateway-process.ts';
import { KeptConnection } from '../../support/kept-connection.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

let shop: RecordingShop;
let gateway: GatewayProcess;

beforeAll(async () => {
  shop = await RecordingShop.start();
});
afterAll(() => shop.close());
beforeEach(async () => {
  const room = { id: 'sale', shop: shop.url, pacePerMinute: 6_000, activeCap: 1, claimWindow: '60s', graceTime: '30s' };
  gateway = await GatewayProcess.start({ rooms: [room] });
});
afterEach(() => gateway.remove());

/** The same configuration with something changed, in a file of its own. */
async function otherConfig(name: string, change: object): Promise<string> {
  const path = join(gateway.folder, name);
  const file: object = JSON.parse(readFileSync(gateway.configPath, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...file, ops: { listen: `127.0.0.1:${await freePort()}` }, ...change }));
  return path;
}

describe('SIGTERM', () => {
  test('[WR44] [OP30] tells devices to come back with jitter, ends with 0 within 10 s, and loses nothing', async () => {
    const devices = [];
    for (let index = 0; index < 12; index += 1) devices.push(await Device.joined(gateway.url, 'sale'));
    const lines = devices.map((device, index) => device.follow(index < 8 ? 'socket' : 'events'));
    for (const line of lines) await line.until(() => true);
    const startedAtMs = Date.now();
    const { code, stderr } = await gateway.terminate();
    expect([code, stderr]).toEqual([0, '']);
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);

    const ends = await Promise.all(lines.map(({ ended }) => ended));
    const jitters = lines.map((line, index) => (index < 8 ? Number(ends[index]?.reason) : Number(line.retryMs)));
    expect(ends.slice(0, 8).map(end => end.code)).toEqual(Array(8).fill(4001));
    expect(ends.slice(8)).toEqual(Array(4).fill({ code: 0, reason: '' }));
    for (const jitterMs of jitters) {
      expect(Number.isInteger(jitterMs) && jitterMs >= 0 && jitterMs <= 10_000).toBe(true);
    }
    expect(new Set(jitters).size).toBeGreaterThan(6);

    await gateway.restart();
    const statuses = await Promise.all(devices.map(device => device.status()));
    expect(statuses.map(({ place }) => place)).toEqual(devices.map((_, index) => index));
    // In order: no gap between the last number before and the first one after.
    expect((await Device.joined(gateway.url, 'sale')).number).toBe(devices.length);
  });

  test('[PX61] closes a fan’s WebSocket to the shop with 1001 on both sides, before anything is waited for', async () => {
    const device = new Device(gateway.url, 'sale');
    await device.visit('/');
    const fan = new WebSocket(`${gateway.url.replace('http', 'ws')}/live`, {
      headers: { cookie: device.cookieHeader },
    });
    await once(fan, 'open');
    const atShop = shop.links.at(-1);
    if (atShop === undefined) throw new Error('the shop has no such socket');
    const closed = Promise.all([once(fan, 'close'), once(atShop, 'close')]);
    // Keeps the gateway from being gone before it has told anybody.
    const arrived = new Promise<void>(resolve => {
      shop.answer = async () => {
        resolve();
        await closed;
        return { status: 200, body: 'done' };
      };
    });
    const answer = device.fetch('/slow');
    await arrived;
    const ended = gateway.terminate();
    expect((await closed).map(([code]) => code)).toEqual([1001, 1001]);
    expect((await answer).text).toBe('done');
    expect((await ended).code).toBe(0);
  });

  test('[OP30] lets a request that is under way end, and takes no new one', async () => {
    const device = new Device(gateway.url, 'sale');
    await device.visit('/');
    const line = device.follow('socket');
    await line.until(() => true);
    // The shop answers when the gateway is already ending: it has closed the device's socket.
    const arrived = new Promise<void>(resolve => {
      shop.answer = async ({ url }) => {
        if (url !== '/slow') return { status: 200 };
        resolve();
        await line.ended;
        return { status: 200, body: 'x'.repeat(200_000) };
      };
    });
    const answer = device.fetch('/slow');
    await arrived;
    const ended = gateway.terminate();
    const { status, text } = await answer;
    expect([status, text.length]).toEqual([200, 200_000]);
    expect((await ended).code).toBe(0);
    await expect(device.fetch('/after')).rejects.toThrow();
    expect(shop.requestsTo('/after')).toEqual([]);
  });

  test('[OP90] [OP91] serves what comes on kept connections while a request is under way, and ends them with the answer', async () => {
    const slow = new Device(gateway.url, 'sale');
    await slow.visit('/');
    const line = slow.follow('socket');
    await line.until(() => true);
    const kept = Array.from({ length: 7 }, () => new KeptConnection(gateway.port, slow.cookieHeader));
    for (const connection of kept) expect((await connection.ask('/before', {})).status).toBe(200);
    let answerSlow: () => void = () => undefined;
    const arrived = new Promise<void>(resolve => {
      shop.answer = ({ url }) => {
        // Longer than what is gathered: its end is told otherwise.
        if (url !== '/slow') return { status: 200, body: url === '/late-long' ? 'x'.repeat(600_000) : url };
        resolve();
        return new Promise(settle => {
          answerSlow = () => settle({ status: 200 });
        });
      };
    });
    const slowAnswer = slow.fetch('/slow');
    await arrived;
    const ended = gateway.terminate();
    await line.ended;

    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const asked: readonly (readonly [path: string, status: number, headers: Record<string, string>])[] = [
      ['/late', 200, {}],
      ['/late-long', 200, {}],
      ['/late', 200, navigationHeaders],
      ['/_junban/v1/tickets/current', 200, {}],
      // Whoever would stay goes to another gateway.
      ['/_junban/v1/tickets/current/events', 503, {}],
      ['/late-link', 503, { ...upgrade, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }],
    ];
    const answers = await Promise.all(asked.map(([path, , headers], index) => kept[index]?.ask(path, headers)));
    for (const [index, answer] of answers.entries()) {
      expect([index, answer?.isReused, answer?.status]).toEqual([index, true, asked[index]?.[1]]);
      expect([index, answer?.headers.connection]).toEqual([index, 'close']);
    }
    expect(answers.slice(0, 3).map(answer => answer?.text.length)).toEqual([5, 600_000, 5]);
    expect(Number(answers[5]?.headers['retry-after'])).toBeGreaterThan(0);
    expect(shop.upgrades.filter(({ url }) => url.startsWith('/late'))).toEqual([]);
    const ready = await fetch(`http://127.0.0.1:${gateway.opsPort}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { reasons: ['stopping'] }]);
    answerSlow();
    expect((await slowAnswer).status).toBe(200);
    expect((await ended).code).toBe(0);
  });

  test('[OP30] is answered with 0 while a device reads nothing and another never finishes its body', async () => {
    const device = await Device.joined(gateway.url, 'sale');
    const head = `Host: 127.0.0.1:${gateway.port}\r\nCookie: ${device.cookieHeader}\r\n`;
    const stuck = [
      `GET ${device.at('/tickets/current/events')} HTTP/1.1\r\n${head}\r\n`,
      `POST ${device.at('/passes')} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ].map(request => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(request);
      socket.pause();
      return socket;
    });
    await expect.poll(async () => (await gateway.operate('GET', 'sale'))['present']).toBe(1);
    const startedAtMs = Date.now();
    expect((await gateway.terminate()).code).toBe(0);
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);
    for (const socket of stuck) socket.destroy();
  });
});

describe('keys', () => {
  test('[OP31] are rotated while it runs; no ticket and no pass is refused', async () => {
    const inside = new Device(gateway.url, 'sale');
    await inside.visit('/');
    const waiting = await Device.joined(gateway.url, 'sale');
    const keysPublished = async () => {
      const { json } = await inside.ask('GET', '/_junban/v1/jwks.json');
      return Object(json()['keys']).length as number;
    };
    const before = await keysPublished();
    const rotated = await runJunban(['keys', 'rotate', '--config', gateway.configPath]);
    expect([rotated.code, rotated.stderr]).toEqual([0, '']);
    await expect.poll(keysPublished, { timeout: 10_000 }).toBe(before + 1);
    expect((await inside.fetch('/api')).status).toBe(200);
    expect(await waiting.status()).toMatchObject({ state: 'waiting', place: 1 });
    expect((await new Device(gateway.url, 'sale').join()).status).toBe(201);
    await gateway.kill();
    await gateway.restart();
    expect((await inside.fetch('/api')).status).toBe(200);
    expect(await waiting.status()).toMatchObject({ place: 1 });
  });
});

describe('a start that cannot be', () => {
  const oneLine = /^junban: [^\n]+\n$/;

  test('[OP32] a second process on the same folder ends with one line; the first goes on', async () => {
    const config = await otherConfig('second.yaml', { listen: `127.0.0.1:${await freePort()}` });
    const { code, stderr } = await runJunban(['serve', '--config', config]);
    expect(code).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(join(gateway.folder, 'data'));
    expect((await new Device(gateway.url, 'sale').join()).status).toBe(201);
  });

  test('[OP32] a busy port ends with one line that names it; the first goes on', async () => {
    const store = { kind: 'embedded', path: join(gateway.folder, 'other-data') };
    const busy = await otherConfig('busy.yaml', { store });
    const { code, stderr } = await runJunban(['serve', '--config', busy]);
    expect(code).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(String(gateway.port));
    const busyOps = await otherConfig('busy-ops.yaml', {
      store,
      listen: `127.0.0.1:${await freePort()}`,
      ops: { listen: `127.0.0.1:${gateway.opsPort}` },
    });
    const ops = await runJunban(['serve', '--config', busyOps]);
    expect(ops.code).toBe(1);
    expect(ops.stderr).toMatch(oneLine);
    expect(ops.stderr).toContain(String(gateway.opsPort));
    expect((await new Device(gateway.url, 'sale').join()).status).toBe(201);
  });

  test('[OP33] check prints the configuration without secrets, or every problem with its path and exit code 1', async () => {
    const good = await runJunban(['check', '--config', gateway.configPath]);
    expect([good.code, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toContain('pacePerMinute: 6000');
    expect(good.stdout).not.toContain('a-token-of-the-tests');

    const rooms = [{ id: 'Sale!', shop: 'ftp://x', pacePerMinute: -1, graceTime: 90, colour: 'red' }];
    const bad = await otherConfig('bad.yaml', { rooms, lisen: ':1' });
    for (const command of ['check', 'serve']) {
      const { code, stdout, stderr } = await runJunban([command, '--config', bad]);
      expect([code, stdout]).toEqual([1, '']);
      for (const path of ['lisen', 'rooms[0].id', 'rooms[0].shop', 'rooms[0].pacePerMinute', 'rooms[0].graceTime']) {
        expect(stderr).toContain(path);
      }
      expect(stderr).toContain('colour');
    }
  });

  test('[CF80] check reads the logos: what is missing, too large or of another type is refused with its path', async () => {
    const room = (id: string, logo: string) => ({
      id,
      shop: 'http://127.0.0.1:1',
      match: { paths: [`/${id}`] },
      look: { logo },
    });
    const rooms = ['gone.png', 'large.svg', 'gif.png'].map((logo, index) => room(`r${index}`, `./${logo}`));
    const bad = await otherConfig('logos.yaml', { rooms });
    writeFileSync(
      join(gateway.folder, 'large.svg'),
      `<svg xmlns="http://www.w3.org/2000/svg">${' '.repeat(17_000)}</svg>`,
    );
    writeFileSync(join(gateway.folder, 'gif.png'), 'GIF89a');
    const { code, stdout, stderr } = await runJunban(['check', '--config', bad]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('3 problems');
    expect(stderr).toMatch(/rooms\[0\]\.look\.logo: cannot read .*gone\.png: no such file/);
    expect(stderr).toMatch(/rooms\[1\]\.look\.logo: .*large\.svg has 17\d\d\d bytes; 16384 are the most/);
    expect(stderr).toMatch(/rooms\[2\]\.look\.logo: .*gif\.png is called png, but holds something else/);
    // PG176: one that is allowed and makes the page large is only told.
    writeFileSync(
      join(gateway.folder, 'ok.png'),
      Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(9_000)]),
    );
    const noted = await runJunban([
      'check',
      '--config',
      await otherConfig('logo.yaml', { rooms: [room('r', './ok.png')] }),
    ]);
    expect(noted.code).toBe(0);
    expect(noted.stderr).toMatch(/^note: rooms\[0\]\.look\.logo adds \d{4,5} bytes to every page/);
  });
});
