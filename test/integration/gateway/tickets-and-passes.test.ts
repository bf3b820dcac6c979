// The API under the prefix, row by row of the public interface: tickets, passes, room facts, keys, and their refusals.

import { connect } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Answer, Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { statusFaults } from '../../support/status.ts';

const rooms = {
  tickets: {},
  leaving: {},
  other: {},
  claims: {},
  rush: { activeCap: 10 },
  gate: { activeCap: 10 },
  address: { activeCap: 100 },
  keys: { activeCap: 10, pass: { idle: '5m', max: '20m' } },
  facts: {},
  readers: {},
  lobby: { opensAt: '2020-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' },
  closed: { opensAt: '2099-01-01T00:00:00Z', startsAt: '2099-01-02T00:00:00Z' },
  ended: { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' },
} as const;

let shop: RecordingShop;
let gateway: GatewayProcess;

beforeAll(async () => {
  shop = await RecordingShop.start();
  gateway = await GatewayProcess.start({
    rooms: Object.entries(rooms).map(([id, more]) => ({
      id,
      match: { paths: [`/${id}`] },
      shop: shop.url,
      pacePerMinute: 6_000,
      activeCap: 1,
      claimWindow: '60s',
      graceTime: '2s',
      allowedOrigins: ['https://app.example'],
      ...more,
    })),
  });
});
afterAll(async () => {
  await gateway?.remove();
  await shop?.close();
});

const joined = (room: keyof typeof rooms) => Device.joined(gateway.url, room);

async function called(room: keyof typeof rooms): Promise<Device> {
  const device = await joined(room);
  await device.untilCalled();
  return device;
}

function expectProblem({ status, headers, json }: Answer, expected: number, code: string): void {
  expect(status).toBe(expected);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(json()).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status: expected,
    detail: expect.any(String),
    code,
  });
}

describe('tickets', () => {
  test('[WR33] joining is 201 with room, ticket, STATUS and cookie; joining again is 200 with the same', async () => {
    const device = new Device(gateway.url, 'tickets');
    const first = await device.join();
    expect(first.status).toBe(201);
    const body = first.json();
    expect(Object.keys(body)).toEqual(['room', 'ticket', 'status']);
    expect(statusFaults(Object(body['status']))).toEqual([]);
    expect(body['ticket']).toBe(device.ticket);
    expect(first.setCookies[0]).toMatch(/^junban-ticket-tickets=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(body['status']).toMatchObject({ number: device.number });

    const again = await device.join();
    expect(again.status).toBe(200);
    expect(again.json()['ticket']).toBe(body['ticket']);
    const app = new Device(gateway.url, 'tickets');
    const bearer = { headers: { authorization: `Bearer ${device.ticket}` } };
    const byBearer = await app.ask('POST', app.at('/tickets'), bearer);
    expect([byBearer.status, byBearer.json()['ticket']]).toEqual([200, body['ticket']]);
    expect((await app.ask('GET', app.at('/tickets/current'), bearer)).json()).toMatchObject({ number: device.number });
  });

  test('[WR33] before the lobby joining is 409 with opensAt, after the end 410, in the lobby 201', async () => {
    const early = await new Device(gateway.url, 'closed').join();
    expectProblem(early, 409, 'room-closed');
    expect(early.json()['opensAt']).toBe('2099-01-01T00:00:00.000Z');
    expectProblem(await new Device(gateway.url, 'ended').join(), 410, 'room-ended');
    expect((await new Device(gateway.url, 'lobby').join()).status).toBe(201);
  });

  test('[WR37] leaving is 204 and clears the cookies; the kept ticket has its old place', async () => {
    const head = await called('leaving');
    const device = await joined('leaving');
    const behind = await joined('leaving');
    await device.status();
    await expect.poll(async () => (await behind.status()).ahead).toBe(1);
    const kept = device.copy();
    const left = await device.leave();
    expect([left.status, left.text]).toEqual([204, '']);
    expect(left.setCookies).toHaveLength(2);
    expect([device.ticket, device.pass]).toEqual(['', '']);
    await expect.poll(async () => (await behind.status()).ahead).toBe(0);

    const again = await kept.join();
    expect([again.status, again.json()['ticket']]).toEqual([200, kept.ticket]);
    expect(await kept.status()).toMatchObject({ place: 1, ahead: 0 });
    await expect.poll(async () => (await behind.status()).ahead).toBe(1);
    // Without the ticket it is a new device.
    expect((await device.join()).status).toBe(201);
    expect(device.number).toBe(3);
    await head.leave();
  });

  test('[WR39] no ticket is 401 ticket-missing, a bad one 401 ticket-invalid, another room’s 403', async () => {
    const stranger = await joined('other');
    const own = await joined('tickets');
    const altered = `${own.ticket.slice(0, -4)}AAAA`;
    const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, ticket: string | null) => {
      const headers = ticket === null ? {} : { cookie: `junban-ticket-tickets=${ticket}` };
      return new Device(gateway.url, 'tickets').ask(method, `/_junban/v1${path}?room=tickets`, { headers });
    };
    for (const [method, path] of [
      ['GET', '/tickets/current'],
      ['DELETE', '/tickets/current'],
      ['GET', '/tickets/current/events'],
      ['POST', '/passes'],
    ] as const) {
      const missing = await ask(method, path, null);
      expectProblem(missing, 401, 'ticket-missing');
      expect(missing.headers['www-authenticate']).toContain('Bearer');
      for (const bad of [altered, 'x', '', 'a.b.c', `${own.ticket}.x`]) {
        expectProblem(await ask(method, path, bad), 401, 'ticket-invalid');
      }
      expectProblem(await ask(method, path, stranger.ticket), 403, 'ticket-other-room');
    }
  });

  test('[WR39] a browser with a bad ticket cookie joins anew, an app with a bad bearer is told', async () => {
    const device = new Device(gateway.url, 'tickets');
    device.cookies.set('junban-ticket-tickets', 'spoilt');
    expect((await device.join()).status).toBe(201);
    const authorization = 'Bearer spoilt';
    const app = new Device(gateway.url, 'tickets');
    expectProblem(await app.ask('POST', app.at('/tickets'), { headers: { authorization } }), 401, 'ticket-invalid');
  });
});

describe('the socket', () => {
  const upgrade = (device: Device, headers: Record<string, string>, protocols: string[] = ['junban.v1']) =>
    new Promise<number>(resolve => {
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${device.at('/socket')}`, protocols, {
        headers,
      });
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('unexpected-response', (_, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      socket.on('error', () => resolve(0));
    });

  test('[WR40] takes its own and allowed origins, an app without one, and nobody else', async () => {
    const device = await joined('tickets');
    const cookie = device.cookieHeader;
    const authorization = `Bearer ${device.ticket}`;
    expect(await upgrade(device, { cookie, origin: gateway.url })).toBe(101);
    expect(await upgrade(device, { cookie, origin: 'https://app.example' })).toBe(101);
    expect(await upgrade(device, { authorization })).toBe(101);
    for (const origin of ['https://evil.example', 'null', gateway.url.replace('http', 'https'), `${gateway.url}0`]) {
      expect(await upgrade(device, { cookie, origin })).toBe(403);
      expect(await upgrade(device, { authorization, origin })).toBe(403);
    }
    // A cookie without an origin is what a page that hides its origin would send.
    expect(await upgrade(device, { cookie })).toBe(403);
  });

  test('[WR39] refuses tickets by the same codes', async () => {
    const device = await joined('tickets');
    const stranger = await joined('other');
    const origin = gateway.url;
    expect(await upgrade(device, { origin })).toBe(401);
    expect(await upgrade(device, { origin, cookie: 'junban-ticket-tickets=x' })).toBe(401);
    expect(await upgrade(device, { origin, cookie: `junban-ticket-tickets=${stranger.ticket}` })).toBe(403);
    expect(await upgrade(device, { origin, cookie: device.cookieHeader }, ['other.v2'])).toBe(400);
    const plain = await device.ask('GET', device.at('/socket'));
    expectProblem(plain, 426, 'upgrade-required');
  });
});

describe('many readers', () => {
  test('[WR57] of one device’s sockets the ninth closes the first with 4102, and the device stays present', async () => {
    const device = await called('readers');
    const lines = [];
    for (let index = 0; index < 9; index += 1) {
      const line = device.follow('socket');
      await line.until(() => true);
      lines.push(line);
    }
    expect((await lines[0]?.ended)?.code).toBe(4102);
    expect(await gateway.operate('GET', 'readers')).toMatchObject({ present: 1 });
    await gateway.operate('POST', 'readers/message', { text: 'to all' });
    await Promise.all(lines.slice(1).map(line => line.until(({ message }) => message === 'to all', 1_000)));
    for (const line of lines) line.close();
  });

  test('[WR58] one that reads nothing holds up no other', async () => {
    const slow = await joined('readers');
    const head = `Host: 127.0.0.1:${gateway.port}\r\nCookie: ${slow.cookieHeader}\r\n`;
    const sockets = [
      `GET ${slow.at('/tickets/current/events')} HTTP/1.1\r\n${head}\r\n`,
      `GET ${slow.at('/socket')} HTTP/1.1\r\n${head}Origin: ${gateway.url}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ].map(request => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.pause();
      socket.on('error', () => undefined);
      socket.write(request);
      return socket;
    });
    const reader = await joined('readers');
    const line = reader.follow('socket');
    await line.until(({ ahead }) => ahead === 1, 3_000);
    for (let count = 0; count < 40; count += 1) {
      const text = `${count} ${'順'.repeat(450)}`;
      await gateway.operate('POST', 'readers/message', { text });
      await line.until(({ message }) => message === text, 1_000);
    }
    for (const socket of sockets) socket.destroy();
    line.close();
  });
});

describe('passes', () => {
  test('[WR38] 409 before the call, 201 at it, 200 with the same pass after it', async () => {
    const device = await called('claims');
    const behind = await joined('claims');
    await behind.status();
    expectProblem(await behind.claim(), 409, 'not-called');

    const first = await device.claim({ returnTo: '/claims/seats?row=1#a' });
    expect(first.status).toBe(201);
    const body = first.json();
    expect(Object.keys(body)).toEqual(['pass', 'expiresAt', 'returnTo']);
    expect(body['returnTo']).toBe('/claims/seats?row=1#a');
    expect(body['pass']).toBe(device.pass);
    expect(String(body['expiresAt'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(first.setCookies[0]).toMatch(/^junban-pass-claims=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await device.status()).toMatchObject({ state: 'admitted', ahead: 0 });
    const second = await device.claim();
    expect([second.status, second.json()['pass']]).toEqual([200, body['pass']]);
    await device.leave();
  });

  test('[WR38] of 100 parallel claims one is 201 and all others are 200 with the same pass', async () => {
    const device = await called('rush');
    const answers = await Promise.all(Array.from({ length: 100 }, () => device.claim()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    expect(new Set(answers.map(({ json }) => json()['pass'])).size).toBe(1);
    expect(await gateway.operate('GET', 'rush')).toMatchObject({ active: 1 });
  });

  test('[WR38] while the gate is busy 202 STATUS comes after a hold of 2 s, with Retry-After', async () => {
    const device = await called('gate');
    await gateway.operate('POST', 'gate/pause');
    const startedAtMs = Date.now();
    const answer = await device.claim();
    const heldMs = Date.now() - startedAtMs;
    expect(answer.status).toBe(202);
    expect(statusFaults(answer.json())).toEqual([]);
    expect(answer.json()['state']).toBe('entering');
    expect(answer.headers['retry-after']).toBe(String(Math.ceil(Number(answer.json()['next']) / 1_000)));
    expect(heldMs).toBeGreaterThan(1_800);
    expect(heldMs).toBeLessThan(3_000);
    const held = device.claim();
    await gateway.operate('POST', 'gate/resume');
    // Not after the hold: as soon as it is let in.
    expect((await held).status).toBe(201);
  });

  test('[WR53] returnTo comes back only as an address of the same site', async () => {
    const device = await called('address');
    const host = gateway.url;
    for (const [asked, given] of [
      ['/address/a?b=c', '/address/a?b=c'],
      [`${host}/address/a`, '/address/a'],
      ['//evil.example/', '/'],
      ['/\\evil.example', '/'],
      ['\\\\evil.example', '/'],
      ['/%2f%2fevil.example', expect.stringMatching(/^\/(?!\/)/)],
      ['/..//evil.example', expect.stringMatching(/^\/(?!\/)/)],
      ['https://evil.example/', '/'],
      [`${host}@evil.example/`, '/'],
      ['javascript:alert(1)', '/'],
      ['/a\r\nSet-Cookie: x=1', '/'],
      ['/_junban/v1/tickets', '/'],
      [7, '/'],
      [undefined, '/'],
    ] as const) {
      const answer = await device.claim({ returnTo: asked });
      expect([200, 201]).toContain(answer.status);
      expect({ asked, given: answer.json()['returnTo'] }).toEqual({ asked, given });
    }
  });

  test('[WR42] the JWKS verifies a pass: issuer, room, end and number', async () => {
    const device = await called('keys');
    const { json } = await device.claim();
    const keys = createRemoteJWKSet(new URL(`${gateway.url}/_junban/v1/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(String(json()['pass']), keys, {
      algorithms: ['ES256'],
      audience: 'keys',
      issuer: 'junban',
      requiredClaims: ['exp', 'nbf', 'jti'],
    });
    expect(protectedHeader.typ).toBe('junban-pass+jwt');
    expect(new Date(Number(payload.exp) * 1_000).toISOString()).toBe(json()['expiresAt']);
    const endsInMs = Number(payload.exp) * 1_000 - Date.now();
    expect(endsInMs).toBeGreaterThan(295_000);
    expect(endsInMs).toBeLessThan(302_000);
    const published = await device.ask('GET', '/_junban/v1/jwks.json');
    expect(published.text).not.toContain('"d"');
  });
});

describe('room facts', () => {
  test('[WR42] everybody may read phase, times, numbers and the draw, and never the secret before the reveal', async () => {
    const reader = new Device(gateway.url, 'facts');
    const facts = await reader.ask('GET', '/_junban/v1/rooms/lobby');
    expect(facts.status).toBe(200);
    expect(facts.json()).toMatchObject({
      room: 'lobby',
      phase: 'lobby',
      paused: false,
      startsAt: '2099-01-01T00:00:00.000Z',
      serverTime: expect.stringMatching(/\.\d{3}Z$/),
      draw: { commitment: expect.stringMatching(/^[0-9a-f]{64}$/), drawn: null, proof: null },
    });
    expect(facts.text).not.toContain('secret');
    expect((await reader.ask('GET', '/_junban/v1/rooms/facts')).json()).toMatchObject({ phase: 'open', draw: null });
    expectProblem(await reader.ask('GET', '/_junban/v1/rooms/nowhere'), 404, 'room-unknown');
  });

  test('[WR54] unknown paths and rooms are 404, wrong methods 405 with Allow', async () => {
    const device = new Device(gateway.url, 'facts');
    expectProblem(await device.ask('GET', '/_junban/v1/nothing'), 404, 'not-found');
    expectProblem(await device.ask('POST', '/_junban/v1/tickets?room=nowhere'), 404, 'room-unknown');
    const refused = await device.ask('PUT', device.at('/passes'));
    expectProblem(refused, 405, 'method-not-allowed');
    expect(refused.headers['allow']).toBe('POST');
  });
});
