// The story of a lobby with thousands of devices: they are there before it opens, come all at once when it does, hold a
// socket until the start, and all switch to the place that the proof gives them.

import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { drawPlaces } from '../../../src/draw/permute.ts';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { factsOf } from './draw-stand.ts';

const devices = 3_000;
const opensInMs = 6_000;
const lobbyMs = 12_000;
/** Every so-manieth device is gone at the start. */
const absentEvery = 10;

type Member = { readonly number: number; readonly ticket: string };
type Placed = { readonly number: number; readonly place: number; readonly atMs: number };

let shop: RecordingShop;
let gateway: GatewayProcess;
const agent = new Agent({ connections: 256 });
const sockets: WebSocket[] = [];

beforeAll(async () => {
  shop = await RecordingShop.start();
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await gateway.remove();
});
afterAll(async () => {
  await agent.destroy();
  await shop.close();
});

const until = (atMs: number): Promise<void> =>
  new Promise(settle => setTimeout(settle, Math.max(0, atMs - Date.now())));

/** Asks as the page does: before the opening it is told when to come, and in a rush when to ask again. */
async function joinFromBefore(codes: Map<number, number>): Promise<Member> {
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await request(`${gateway.url}/_junban/v1/tickets`, { method: 'POST', dispatcher: agent });
    const body = JSON.parse(await answer.body.text());
    codes.set(answer.statusCode, (codes.get(answer.statusCode) ?? 0) + 1);
    if (answer.statusCode === 201) return { number: body.status.number, ticket: body.ticket };
    await until(Date.now() + (body.next ?? Number(answer.headers['retry-after'] ?? 1) * 1_000));
  }
  throw new Error('never got in');
}

/** Settles once the socket has its first frame; `placed` settles with the first place it is told. */
async function follow({ ticket }: Member): Promise<{ readonly socket: WebSocket; readonly placed: Promise<Placed> }> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/_junban/v1/socket?room=sale`, 'junban.v1', {
    headers: { authorization: `Bearer ${ticket}` },
    perMessageDeflate: false,
  });
  sockets.push(socket);
  socket.on('error', () => undefined);
  const first = Promise.withResolvers<void>();
  const placed = Promise.withResolvers<Placed>();
  socket.on('message', data => {
    const { number, place } = JSON.parse(String(data));
    if (place !== null) placed.resolve({ number, place, atMs: Date.now() });
    first.resolve();
  });
  await first.promise;
  return { socket, placed: placed.promise };
}

test(`[DR40] ${devices} devices come as the lobby opens, nobody sees a server error, and all have their drawn place within 2 s of the start`, async () => {
  const opensAtMs = Date.now() + opensInMs;
  const startsAtMs = opensAtMs + lobbyMs;
  gateway = await GatewayProcess.start({
    rooms: [
      {
        id: 'sale',
        shop: shop.url,
        opensAt: new Date(opensAtMs).toISOString(),
        startsAt: new Date(startsAtMs).toISOString(),
        pacePerMinute: 60,
        graceTime: '60s',
      },
    ],
  });
  const codes = new Map<number, number>();
  const members = await Promise.all(Array.from({ length: devices }, () => joinFromBefore(codes)));
  expect([...codes.keys()].sort()).toEqual([201, 409]);
  const followers = await Promise.all(members.map(follow));
  expect(Date.now()).toBeLessThan(startsAtMs);
  followers.forEach(({ socket }, index) => {
    if (index % absentEvery === 0) socket.close();
  });

  const there = followers.filter((_, index) => index % absentEvery !== 0);
  const placed = await Promise.all(there.map(follower => follower.placed));
  expect(Math.max(...placed.map(({ atMs }) => atMs)) - startsAtMs).toBeLessThan(2_000);

  const { draw } = await factsOf(gateway);
  expect(draw.drawn).toBe(devices);
  const places = drawPlaces(devices, bytesOfHex(draw.proof?.seed ?? ''));
  for (const { number, place } of placed) expect(place).toBe(places[number]);
  // Who was gone at the start kept the number, and stands where the draw put it.
  for (const member of members.filter((_, index) => index % absentEvery === 0)) {
    const answer = await request(`${gateway.url}/_junban/v1/tickets/current`, {
      headers: { authorization: `Bearer ${member.ticket}` },
      dispatcher: agent,
    });
    expect(await answer.body.json()).toMatchObject({ number: member.number, place: places[member.number] });
  }
  expect(await (await Device.joined(gateway.url, 'sale')).status()).toMatchObject({ number: devices, place: devices });
});
