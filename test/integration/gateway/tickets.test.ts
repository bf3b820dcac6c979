// Joining, asking, leaving and coming back by the API, and what is answered instead; row by row of the public interface.

import { describe, expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { expectProblem } from '../../support/expect-problem.ts';
import { gatewayWithRooms } from '../../support/gateway-rooms.ts';
import { statusFaults } from '../../support/status.ts';

const stand = gatewayWithRooms({
  tickets: {},
  leaving: {},
  other: {},
  facts: {},
  lobby: { opensAt: '2020-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' },
  closed: { opensAt: '2099-01-01T00:00:00Z', startsAt: '2099-01-02T00:00:00Z' },
  ended: { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' },
});
const { joined, called } = stand;

describe('tickets', () => {
  test('[WR33] joining is 201 with room, ticket, STATUS and cookie; joining again is 200 with the same', async () => {
    const device = new Device(stand.gateway.url, 'tickets');
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
    const app = new Device(stand.gateway.url, 'tickets');
    const bearer = { headers: { authorization: `Bearer ${device.ticket}` } };
    const byBearer = await app.ask('POST', app.at('/tickets'), bearer);
    expect([byBearer.status, byBearer.json()['ticket']]).toEqual([200, body['ticket']]);
    expect((await app.ask('GET', app.at('/tickets/current'), bearer)).json()).toMatchObject({ number: device.number });
  });

  test('[WR33] [DR65] before the lobby joining is 409 with opensAt, after the end 410, in the lobby 201', async () => {
    const early = await new Device(stand.gateway.url, 'closed').join();
    expectProblem(early, 409, 'room-closed');
    expect(early.json()['opensAt']).toBe('2099-01-01T00:00:00.000Z');
    const again = Array.from(
      { length: 40 },
      async () => (await new Device(stand.gateway.url, 'closed').join()).headers,
    );
    const seconds = (await Promise.all(again)).map(headers => Number(headers['retry-after']));
    expect([Math.min(...seconds) >= 120, Math.max(...seconds) <= 123, new Set(seconds).size > 1]).toEqual([
      true,
      true,
      true,
    ]);
    expectProblem(await new Device(stand.gateway.url, 'ended').join(), 410, 'room-ended');
    expect((await new Device(stand.gateway.url, 'lobby').join()).status).toBe(201);
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
      return new Device(stand.gateway.url, 'tickets').ask(method, `/_junban/v1${path}?room=tickets`, { headers });
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
    const device = new Device(stand.gateway.url, 'tickets');
    device.cookies.set('junban-ticket-tickets', 'spoilt');
    expect((await device.join()).status).toBe(201);
    const authorization = 'Bearer spoilt';
    const app = new Device(stand.gateway.url, 'tickets');
    expectProblem(await app.ask('POST', app.at('/tickets'), { headers: { authorization } }), 401, 'ticket-invalid');
  });
});

describe('room facts', () => {
  test('[WR42] everybody may read phase, times, numbers and the draw, and never the secret before the reveal', async () => {
    const reader = new Device(stand.gateway.url, 'facts');
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

  test('[WR62] unknown paths and rooms are 404, wrong methods 405 with Allow', async () => {
    const device = new Device(stand.gateway.url, 'facts');
    expectProblem(await device.ask('GET', '/_junban/v1/nothing'), 404, 'not-found');
    expectProblem(await device.ask('POST', '/_junban/v1/tickets?room=nowhere'), 404, 'room-unknown');
    const refused = await device.ask('PUT', device.at('/passes'));
    expectProblem(refused, 405, 'method-not-allowed');
    expect(refused.headers['allow']).toBe('POST');
  });
});
