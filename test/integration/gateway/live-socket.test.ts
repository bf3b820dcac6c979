// The upgrade to a device's WebSocket and who gets none; many sockets of one device; readers that read nothing.

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Device } from '../../support/device.ts';
import { expectProblem } from '../../support/expect-problem.ts';
import { gatewayWithRooms } from '../../support/gateway-rooms.ts';

const stand = gatewayWithRooms({
  tickets: {},
  other: {},
  readers: {},
  silent: {},
});
const { joined, called } = stand;

describe('the socket', () => {
  const upgrade = (device: Device, headers: Record<string, string>, protocols: string[] = ['junban.v1']) =>
    new Promise<number>(resolve => {
      const socket = new WebSocket(`${stand.gateway.url.replace('http', 'ws')}${device.at('/socket')}`, protocols, {
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
    expect(await upgrade(device, { cookie, origin: stand.gateway.url })).toBe(101);
    expect(await upgrade(device, { cookie, origin: 'https://app.example' })).toBe(101);
    expect(await upgrade(device, { authorization })).toBe(101);
    for (const origin of [
      'https://evil.example',
      'null',
      stand.gateway.url.replace('http', 'https'),
      `${stand.gateway.url}0`,
    ]) {
      expect(await upgrade(device, { cookie, origin })).toBe(403);
      expect(await upgrade(device, { authorization, origin })).toBe(403);
    }
    // A cookie without an origin is what a page that hides its origin would send.
    expect(await upgrade(device, { cookie })).toBe(403);
  });

  test('[WR39] refuses tickets by the same codes', async () => {
    const device = await joined('tickets');
    const stranger = await joined('other');
    const origin = stand.gateway.url;
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
    expect(await stand.gateway.operate('GET', 'readers')).toMatchObject({ present: 1 });
    await stand.gateway.operate('POST', 'readers/message', { text: 'to all' });
    await Promise.all(lines.slice(1).map(line => line.until(({ message }) => message === 'to all', 1_000)));
    for (const line of lines) line.close();
  });

  // One event stream used to switch the limit off, and event streams had none.
  test('[WR57] event streams count too: the oldest of both is ended, and told so', async () => {
    const device = await joined('readers');
    const lines = [];
    for (const transport of ['events', ...Array<'socket'>(7).fill('socket'), 'events', 'socket'] as const) {
      const line = device.follow(transport);
      await line.until(() => true);
      lines.push(line);
    }
    expect(await lines[0]?.ended).toEqual({ code: 0, reason: 'superseded' });
    expect(lines[0]?.retryMs).toBe(60_000);
    expect((await lines[1]?.ended)?.code).toBe(4102);
    for (let count = 0; count < 20; count += 1) {
      const line = device.follow('events');
      await line.until(() => true);
      lines.push(line);
    }
    await Promise.all(lines.slice(0, -8).map(({ ended }) => ended));
    await stand.gateway.operate('POST', 'readers/message', { text: 'to the last eight' });
    await Promise.all(lines.slice(-8).map(line => line.until(({ message }) => message === 'to the last eight', 1_000)));
    for (const line of lines) line.close();
  });

  test('[WR59] a device that leaves is told so in every tab, and nothing after it', async () => {
    const device = await joined('readers');
    const lines = (['socket', 'socket', 'events'] as const).map(transport => device.follow(transport));
    for (const line of lines) await line.until(() => true);
    expect((await device.leave()).status).toBe(204);
    const ends = await Promise.all(lines.map(({ ended }) => ended));
    expect(ends.map(({ code }) => code)).toEqual([4104, 4104, 0]);
    for (const { heard, latest } of lines) {
      expect(latest).toMatchObject({ state: 'left', ahead: null });
      expect(heard.filter(({ status }) => status.state === 'left')).toHaveLength(1);
    }
  });

  test('[WR58] one that reads nothing holds up no other', async () => {
    // Nobody is called: the reader stays behind the slow one.
    await stand.gateway.operate('POST', 'silent/pause');
    const slow = await joined('silent');
    const head = `Host: 127.0.0.1:${stand.gateway.port}\r\nCookie: ${slow.cookieHeader}\r\n`;
    const sockets = [
      `GET ${slow.at('/tickets/current/events')} HTTP/1.1\r\n${head}\r\n`,
      `GET ${slow.at('/socket')} HTTP/1.1\r\n${head}Origin: ${stand.gateway.url}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ].map(request => {
      const socket = connect(stand.gateway.port, '127.0.0.1');
      socket.pause();
      socket.on('error', () => undefined);
      socket.write(request);
      return socket;
    });
    const reader = await joined('silent');
    const line = reader.follow('socket');
    await line.until(({ ahead }) => ahead === 1, 3_000);
    for (let count = 0; count < 40; count += 1) {
      const text = `${count} ${'順'.repeat(450)}`;
      await stand.gateway.operate('POST', 'silent/message', { text });
      await line.until(({ message }) => message === text, 1_000);
    }
    for (const socket of sockets) socket.destroy();
    line.close();
  });
});
