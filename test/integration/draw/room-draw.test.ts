// The draw of a real gateway from the lobby to the proof: every place is that of the proof, whoever checks it.

import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { verifyDrawFile } from '../../../src/draw/verify-draw.ts';
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

test('[DR24] the figure that the operator enters makes the draw, and the file names it', async () => {
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
  for (const value of [39_141, '', ' 1', '1\n2', 'x'.repeat(201)]) {
    await expect(enter(value)).rejects.toThrow(/400.*value/);
  }
  await enter('39,141.58 円');
  await enter('39,141.58 円');
  await expect(enter('39,141.59')).rejects.toThrow(/409.*39,141.58 円/);
  await untilPlaced(first, 2_000);
  const facts = await factsOf(gateway);
  expect(facts.draw.proof?.randomness).toEqual({ kind: 'figure', named, value: '39,141.58 円' });
  await expectPlacesOfProof(devices, facts);
  expect((await verdictOn(gateway, await factsText(gateway))).code).toBe(0);
});
