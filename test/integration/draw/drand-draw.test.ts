// A draw by a drand round at a real gateway: the round of its start, from relays of which only one is right, and after
// `kill -9` between seal and reveal the same. The gateway's clock stands at the round whose signature is known, and jumps to
// the start when the devices are there.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { drandQuicknet, roundDueAtMs } from '../../../src/draw/drand-chain.ts';
import { Device } from '../../support/device.ts';
import { DrandRelay, type RelayMood } from '../../support/drand-relay.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { expectPlacesOfProof, factsOf, factsText, joinMany, untilPlaced, verdictOn } from './draw-stand.ts';

const round = 1_000;
const dueAtMs = roundDueAtMs(drandQuicknet, round);
const startsAtMs = dueAtMs - 2_500;
const announced = { kind: 'drand', chain: drandQuicknet.hash };
/** Long enough to start a gateway and let devices join, however slow the machine; nobody waits for it. */
const lobbyMs = 60_000;
/** From the jump to the start. */
const leadMs = 500;

let shop: RecordingShop;
let gateway: GatewayProcess;
let relays: DrandRelay[];
let clockFolder = '';
beforeAll(async () => {
  shop = await RecordingShop.start();
});
beforeEach(() => {
  relays = [];
});
afterEach(async () => {
  await gateway.remove();
  rmSync(clockFolder, { recursive: true, force: true });
  await Promise.all(relays.map(relay => relay.close()));
});
afterAll(() => shop.close());

async function openLobby(moods: readonly RelayMood[], wait: string): Promise<readonly Device[]> {
  for (const mood of moods) relays.push(await DrandRelay.start(mood));
  clockFolder = mkdtempSync(join(tmpdir(), 'junban-clock-'));
  const shiftFile = join(clockFolder, 'shift');
  const standAt = (atMs: number) => writeFileSync(shiftFile, String(atMs - Date.now()));
  standAt(startsAtMs - lobbyMs);
  const preload = pathToFileURL(resolve(import.meta.dirname, '../../support/shifted-clock.ts')).href;
  const options = `${process.env['NODE_OPTIONS'] ?? ''} --import=${preload}`;
  gateway = await GatewayProcess.start({
    env: { NODE_OPTIONS: options, CLOCK_SHIFT_FILE: shiftFile },
    rooms: [
      {
        id: 'sale',
        shop: shop.url,
        opensAt: new Date(startsAtMs - 2 * lobbyMs).toISOString(),
        startsAt: new Date(startsAtMs).toISOString(),
        graceTime: '300s',
        draw: { randomness: { kind: 'drand', urls: relays.map(({ url }) => url) }, wait },
      },
    ],
  });
  const devices = await joinMany(gateway, 30);
  expect(await factsOf(gateway)).toMatchObject({ phase: 'lobby', draw: { announced, drawn: null, proof: null } });
  standAt(startsAtMs - leadMs);
  process.kill(gateway.pid, 'SIGUSR2');
  return devices;
}

async function untilSealed(): Promise<void> {
  while ((await factsOf(gateway)).draw.drawn === null) await delay(50);
}

async function expectHonestRound(devices: readonly Device[]): Promise<void> {
  const [first = new Device('', '')] = devices;
  await untilPlaced(first, 15_000);
  const facts = await factsOf(gateway);
  expect(facts.draw.proof?.randomness).toMatchObject({ ...announced, round });
  expect(facts).toMatchObject({
    startsAt: new Date(startsAtMs).toISOString(),
    draw: { announced, drawn: devices.length },
  });
  await expectPlacesOfProof(devices, facts);
  const verdict = await verdictOn(gateway, await factsText(gateway));
  expect(verdict.code).toBe(0);
  expect(verdict.said).not.toContain('Not proved');
}

test('[DR23] relays that lie, stall and close do not keep the draw from the one that is right', async () => {
  const devices = await openLobby(['wrong-signature', 'other-round', 'stalls', 'closes', 'no-json', 'right'], '20s');
  await untilSealed();
  expect((await factsOf(gateway)).draw).toMatchObject({ drawn: 30, proof: null });
  await expectHonestRound(devices);
  for (const { asked } of relays) expect(new Set(asked)).toEqual(new Set([`/${drandQuicknet.hash}/public/${round}`]));
});

test('[DR17] kill -9 between seal and reveal ends in the same draw', async () => {
  const devices = await openLobby(['late'], '20s');
  await untilSealed();
  await relays[0]?.untilAsked(2);
  const { draw } = await factsOf(gateway);
  expect(draw).toMatchObject({ drawn: 30, proof: null });
  await gateway.kill();
  await gateway.restart();
  const again = await factsOf(gateway);
  expect(again.draw).toEqual(draw);
  const [relay] = relays;
  if (relay !== undefined) relay.mood = 'right';
  await expectHonestRound(devices);
  const { proof } = (await factsOf(gateway)).draw;
  await gateway.kill();
  await gateway.restart();
  expect((await factsOf(gateway)).draw.proof).toEqual(proof);
});

test('[DR22] [PG144] relays that stay silent cost the wait, then the proof names what did not come', async () => {
  const devices = await openLobby(['stalls', 'late'], '1s');
  await untilSealed();
  const [first = new Device('', '')] = devices;
  await untilPlaced(first, 8_000);
  const facts = await factsOf(gateway);
  expect(facts.draw.proof?.randomness).toEqual({ kind: 'none', announced });
  const { draw } = await gateway.operate('GET', 'sale');
  const fallback = {
    announced: 'drand',
    named: null,
    drawn: 30,
    revealedWith: 'none',
    fellBack: true,
    waitsUntil: null,
  };
  expect(draw).toEqual({ commitment: facts.draw.commitment, ...fallback });
  await expect.poll(() => gateway.said).toContain('the announced randomness did not come in time');
  await expectPlacesOfProof(devices, facts);
  const verdict = await verdictOn(gateway, await factsText(gateway));
  expect(verdict).toMatchObject({ code: 0, said: expect.stringContaining('the room fell back to none') });
});
