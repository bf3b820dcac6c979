// The draw of a real gateway from the lobby to the proof: every place is that of the proof, whoever checks it.

import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { verifyDrawFile } from '../../../src/draw/verify-draw.ts';
import { ticketCode } from '../../../src/page/ticket-code.ts';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { expectPlacesOfProof, factsOf, factsText, joinMany, untilPlaced, verdictOn } from './draw-stand.ts';

const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();
const hourMs = 3_600_000;

let shop: RecordingShop;
let gateway: GatewayProcess;
beforeAll(async () => {
  shop = await RecordingShop.start();
});
afterEach(() => gateway.remove());
afterAll(() => shop.close());

async function openRoom(room: Readonly<Record<string, unknown>>): Promise<void> {
  const pace = { pacePerMinute: 60, activeCap: 5, graceTime: '60s' };
  gateway = await GatewayProcess.start({ rooms: [{ id: 'sale', shop: shop.url, ...pace, ...room }] });
}

test('[DR28] [PG141] 300 devices of a lobby stand where the proof puts them, and no changed bit passes', async () => {
  await openRoom({ opensAt: fromNow(-1_000), startsAt: fromNow(hourMs) });
  const before = await factsOf(gateway);
  expect(before).toMatchObject({ phase: 'lobby', draw: { announced: { kind: 'none' }, drawn: null, proof: null } });
  expect((await verdictOn(gateway, await factsText(gateway))).code).toBe(2);
  const devices = await joinMany(gateway, 300);
  const [first = new Device('', '')] = devices;
  // Joining says what the room is held to, and only in the lobby.
  expect((await first.join()).json()['commitment']).toBe(before.draw.commitment);
  expect((await first.status()).place).toBeNull();

  await gateway.operate('PUT', 'sale/phase', { phase: 'open' });
  await untilPlaced(first, 2_000);
  const text = await factsText(gateway);
  const facts = await factsOf(gateway);
  expect(facts.draw).toMatchObject({ commitment: before.draw.commitment, drawn: 300 });
  expect(facts.draw.proof?.startsAt).toBe(facts.startsAt);
  await expectPlacesOfProof(devices, facts);
  expect((await first.join()).json()).not.toHaveProperty('commitment');
  const check = '/_junban/v1/draw-check.js?room=sale';
  const [plain, small] = await Promise.all(
    ['identity', 'gzip'].map(encoding => request(gateway.url + check, { headers: { 'accept-encoding': encoding } })),
  );
  expect(small?.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-security-policy': "default-src 'none'" });
  expect(gunzipSync((await small?.body.bytes()) ?? '').toString()).toBe(await plain?.body.text());
  const late = await Device.joined(gateway.url, 'sale');
  expect(await late.status()).toMatchObject({ number: 300, place: 300 });

  const honest = await verdictOn(gateway, text, 17);
  expect(honest).toMatchObject({
    code: 0,
    said: expect.stringContaining('Not proved: That the operator did not steer'),
  });
  const place = placeOf(17, 300, bytesOfHex(facts.draw.proof?.seed ?? ''));
  expect(honest.said).toContain(`Number 17 drew place ${place}.`);
  expect(honest.independent.trim().endsWith(` ${place}`)).toBe(true);

  const bytes = Buffer.from(text);
  const from = text.indexOf('"draw":');
  for (let bit = from * 8; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect([1, 2], `bit ${bit & 7} of ${text.slice(bit >> 3, (bit >> 3) + 9)}`).toContain(
      verifyDrawFile(changed).exitCode,
    );
  }
  const digit = text.lastIndexOf('"seed":"') + 8;
  const altered = `${text.slice(0, digit)}${text[digit] === '0' ? '1' : '0'}${text.slice(digit + 1)}`;
  expect((await verdictOn(gateway, altered)).code).toBe(1);
});

test('[DR26] a restart in the lobby keeps all of it, also when the file moved the start', async () => {
  await openRoom({ opensAt: fromNow(-hourMs), startsAt: fromNow(hourMs) });
  const devices = await joinMany(gateway, 5);
  const before = await factsOf(gateway);
  await gateway.kill();
  const startsAt = fromNow(4_000);
  const file = JSON.parse(readFileSync(gateway.configPath, 'utf8'));
  file.rooms[0] = { ...file.rooms[0], startsAt, draw: { randomness: { kind: 'figure', named: 'another' } } };
  writeFileSync(gateway.configPath, JSON.stringify(file));
  await gateway.restart();
  const moved = await factsOf(gateway);
  expect(moved).toMatchObject({ startsAt, draw: { commitment: before.draw.commitment, announced: { kind: 'none' } } });
  const [first = new Device('', '')] = devices;
  expect(await untilPlaced(first, 8_000)).toMatchObject({ startsAt });
  const facts = await factsOf(gateway);
  expect(facts).toMatchObject({ startsAt, draw: { commitment: before.draw.commitment, proof: { startsAt } } });
  const { status } = await new Device(gateway.url, 'sale').join();
  expect(status).toBe(201);
  await gateway.kill();
  await gateway.restart();
  expect((await factsOf(gateway)).draw).toEqual(facts.draw);
  // Numbers of a block that was reserved and not handed out may be missing after the first kill: the drawn count says it.
  for (const device of devices) {
    const { number, place } = await device.status();
    expect(place).toBe(placeOf(number ?? -1, facts.draw.drawn ?? 0, bytesOfHex(facts.draw.proof?.seed ?? '')));
  }
  expect((await verdictOn(gateway, await factsText(gateway))).code).toBe(0);
});

test('[DR29] a gateway that first starts after the start is open at once, with a draw of nobody', async () => {
  const randomness = { kind: 'figure', named: 'the closing value' };
  await openRoom({ opensAt: fromNow(-2 * hourMs), startsAt: fromNow(-hourMs), draw: { randomness } });
  const device = await Device.joined(gateway.url, 'sale');
  expect(await device.untilCalled()).toMatchObject({ phase: 'open', number: 0, place: 0 });
  expect(await factsOf(gateway)).toMatchObject({ phase: 'open', draw: { announced: randomness, drawn: 0 } });
});

test('[DR24] [PG144] the figure that the operator enters makes the draw, and the file names it', async () => {
  const named = 'Nikkei 225, close of 7 May 2027';
  await openRoom({
    opensAt: fromNow(-1_000),
    startsAt: fromNow(hourMs),
    draw: { randomness: { kind: 'figure', named }, wait: '1m' },
  });
  const devices = await joinMany(gateway, 40);
  const enter = (value: unknown) => gateway.operate('PUT', 'sale/draw/figure', { value });
  await expect(enter('39,141.58')).rejects.toThrow(/409.*not sealed yet/);
  await gateway.operate('PUT', 'sale/phase', { phase: 'open' });
  const sealed = await factsOf(gateway);
  expect(sealed).toMatchObject({
    drawWaitSeconds: 60,
    draw: { announced: { kind: 'figure', named }, drawn: 40, proof: null },
  });
  expect((await verdictOn(gateway, await factsText(gateway))).code).toBe(1);
  const [first = new Device('', '')] = devices;
  expect((await first.status()).place).toBeNull();
  const waitsUntil = new Date(Date.parse(sealed.startsAt ?? '') + 60_000).toISOString();
  const waiting = { announced: 'figure', named, drawn: 40, revealedWith: null, fellBack: false, waitsUntil };
  expect((await gateway.operate('GET', 'sale'))['draw']).toMatchObject(waiting);
  for (const value of [39_141, '', ' 1', '1\n2', 'x'.repeat(201)]) {
    await expect(enter(value)).rejects.toThrow(/400.*value/);
  }
  await enter('39,141.58 円');
  await enter('39,141.58 円');
  await expect(enter('39,141.59')).rejects.toThrow(/409.*39,141.58 円/);
  await untilPlaced(first, 2_000);
  const facts = await factsOf(gateway);
  expect(facts.draw.proof?.randomness).toEqual({ kind: 'figure', named, value: '39,141.58 円' });
  const revealed = { revealedWith: 'figure', fellBack: false, waitsUntil: null };
  expect((await gateway.operate('GET', 'sale'))['draw']).toMatchObject(revealed);
  await expectPlacesOfProof(devices, facts);
  expect((await verdictOn(gateway, await factsText(gateway))).code).toBe(0);
});

test('[DR61] who was absent at the start is called when back, ahead of those behind; who comes later stands behind all', async () => {
  const limits = { pacePerMinute: 6_000, activeCap: 1, graceTime: '1s' };
  await openRoom({ opensAt: fromNow(-1_000), startsAt: fromNow(hourMs), ...limits });
  const joined = await joinMany(gateway, 6);
  await gateway.operate('PUT', 'sale/phase', { phase: 'open' });
  /** Asking as an operator makes no device present. */
  const look = (device: Device) => gateway.operate('GET', `sale/tickets/${ticketCode(device.number)}`);
  await expect.poll(async () => (await look(joined[0] ?? new Device('', '')))['place']).not.toBeNull();
  const placed = await Promise.all(
    joined.map(async device => ({ device, place: Number((await look(device))['place']) })),
  );
  placed.sort((one, other) => one.place - other.place);
  const [absent, first, ...others] = placed.map(({ device }) => device);
  if (absent === undefined || first === undefined) throw new Error('six have joined');

  const lines = [first, ...others].map(device => device.follow('socket'));
  await lines[0]?.until(({ state }) => state === 'called', 8_000);
  expect(await look(absent)).toMatchObject({ state: 'waiting', present: false, place: 0, ahead: 0 });
  const late = await Device.joined(gateway.url, 'sale');
  lines.push(late.follow('socket'));
  // The other sockets may just be opening.
  await expect.poll(() => late.status()).toMatchObject({ number: 6, place: 6, ahead: 4 });

  expect((await first.enter()).status).toBe(201);
  const back = absent.follow('socket');
  lines.push(back);
  await back.until(({ ahead }) => ahead === 0, 3_000);
  await expect.poll(async () => (await late.status()).ahead).toBe(5);
  expect((await first.ask('DELETE', '/_junban/v1/passes/current')).status).toBe(204);
  await back.until(({ state }) => state === 'called', 3_000);
  const states = await Promise.all([...others, late].map(async device => (await device.status()).state));
  expect(new Set(states)).toEqual(new Set(['waiting']));
  for (const line of lines) line.close();
});

test('[DR62] a start that the operator moves is told in the lobby, keeps the commitment, and is that of the proof', async () => {
  await openRoom({ opensAt: fromNow(-1_000), startsAt: fromNow(hourMs) });
  const [first = new Device('', ''), ...others] = await joinMany(gateway, 3);
  const { draw } = await factsOf(gateway);
  const lines = [first, ...others].map(device => device.follow('socket'));
  const later = fromNow(2 * hourMs);
  await gateway.operate('PUT', 'sale/schedule', { startsAt: later });
  for (const line of lines)
    expect(await line.until(({ startsAt }) => startsAt === later, 3_000)).toMatchObject({ state: 'lobby' });
  await expect(gateway.operate('PUT', 'sale/schedule', { startsAt: fromNow(-1) })).rejects.toThrow(
    /400.*startsAt is over/,
  );
  await expect(gateway.operate('PUT', 'sale/schedule', { startsAt: later.slice(0, 19) })).rejects.toThrow(
    /400.*with a zone/,
  );
  expect(await factsOf(gateway)).toMatchObject({ phase: 'lobby', startsAt: later, draw });

  const soon = fromNow(2_500);
  await gateway.operate('PUT', 'sale/schedule', { startsAt: soon });
  for (const line of lines) await line.until(({ place }) => place !== null, 6_000);
  const facts = await factsOf(gateway);
  expect(facts).toMatchObject({
    startsAt: soon,
    draw: { commitment: draw.commitment, drawn: 3, proof: { startsAt: soon } },
  });
  expect((await verdictOn(gateway, await factsText(gateway))).code).toBe(0);
  await expect(gateway.operate('PUT', 'sale/phase', { phase: 'lobby' })).rejects.toThrow(/409/);
  for (const line of lines) line.close();
});
