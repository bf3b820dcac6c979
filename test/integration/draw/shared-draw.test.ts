// The draw of gateways that share a Redis, all of them killed between seal and reveal and again after it.

import { afterEach, expect, test } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { Device } from '../../support/device.ts';
import { GatewayFleet } from '../../support/gateway-fleet.ts';
import { factsOf, factsText, untilPlaced, verdictOn } from './draw-stand.ts';

let fleet: GatewayFleet;
afterEach(() => fleet.remove());

const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

async function killAll(): Promise<void> {
  for (const gateway of fleet.gateways) await gateway.kill();
  await Promise.all(fleet.gateways.map(gateway => gateway.restart()));
}

const drawsOf = () => Promise.all(fleet.gateways.map(async gateway => (await factsOf(gateway)).draw));

test('[DR64] all gateways killed between seal and reveal, and after it, come back with the same draw', async () => {
  const named = 'Nikkei 225, close of 7 May 2027';
  const draw = { randomness: { kind: 'figure', named }, wait: '10m' };
  const times = { opensAt: fromNow(-60_000), startsAt: fromNow(3_600_000) };
  fleet = await GatewayFleet.start({ gateways: 2, room: { ...times, graceTime: '60s', pacePerMinute: 60, draw } });
  const devices = await Promise.all(
    Array.from({ length: 40 }, (_, index) => Device.joined(fleet.at(index).url, 'sale')),
  );
  await fleet.at(0).operate('PUT', 'sale/phase', { phase: 'open' });
  // In a rush numbers are taken ahead, and some are left over. // ST142
  const drawn = async () => (await drawsOf()).map(({ drawn: count }) => count ?? 0);
  await expect.poll(async () => Math.min(...(await drawn()))).toBeGreaterThanOrEqual(40);
  const sealed = await drawsOf();
  expect(sealed[0]).toMatchObject({ proof: null, announced: { kind: 'figure', named } });
  expect(sealed[1]).toEqual(sealed[0]);

  await killAll();
  expect(await drawsOf()).toEqual(sealed);
  const late = await Device.joined(fleet.at(1).url, 'sale');
  expect(late.number).toBeGreaterThanOrEqual(sealed[0]?.drawn ?? Number.NaN);
  await fleet.at(1).operate('PUT', 'sale/draw/figure', { value: '39,141.58' });
  await Promise.all(fleet.gateways.map(({ url }, index) => untilPlaced((devices[index] ?? late).copy(url), 8_000)));
  const revealed = await drawsOf();
  expect(revealed[1]).toEqual(revealed[0]);
  expect(revealed[0]).toMatchObject({ commitment: sealed[0]?.commitment, drawn: sealed[0]?.drawn });

  await killAll();
  expect(await drawsOf()).toEqual(revealed);
  const seed = bytesOfHex(revealed[0]?.proof?.seed ?? '');
  const drawnCount = sealed[0]?.drawn ?? Number.NaN;
  for (const [index, device] of devices.entries()) {
    // At the other gateway than the one at which it joined.
    const { number, place } = await device.copy(fleet.at(index + 1).url).status();
    expect(place).toBe(placeOf(number ?? -1, drawnCount, seed));
  }
  expect((await late.status()).place).toBe(late.number);
  expect((await verdictOn(fleet.at(0), await factsText(fleet.at(0)))).code).toBe(0);
});
