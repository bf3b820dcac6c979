// What the tests of a draw at a real gateway share: its facts as fetched, who checks them, and whether every ticket
// stands where the proof puts it.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { Device } from '../../support/device.ts';
import { type GatewayProcess, runJunban } from '../../support/gateway-process.ts';
import type { Status } from '../../support/status.ts';

export type Facts = {
  readonly phase: string;
  readonly startsAt: string | null;
  readonly drawWaitSeconds: number;
  readonly draw: {
    readonly commitment: string;
    readonly announced: Readonly<Record<string, unknown>>;
    readonly drawn: number | null;
    readonly proof: null | {
      readonly startsAt: string;
      readonly secret: string;
      readonly seed: string;
      readonly drawn: number;
      readonly randomness: Readonly<Record<string, unknown>>;
    };
  };
};

export async function factsText(gateway: GatewayProcess, room = 'sale'): Promise<string> {
  const answer = await new Device(gateway.url, room).ask('GET', `/_junban/v1/rooms/${room}`);
  expect(answer.status).toBe(200);
  return answer.text;
}

export async function factsOf(gateway: GatewayProcess): Promise<Facts> {
  return JSON.parse(await factsText(gateway)) as Facts;
}

/** Many at once, as in life. */
export async function joinMany(gateway: GatewayProcess, count: number): Promise<readonly Device[]> {
  const devices: Device[] = [];
  const joiner = async () => {
    while (devices.length < count) {
      const device = new Device(gateway.url, 'sale');
      devices.push(device);
      expect((await device.join()).status).toBe(201);
    }
  };
  await Promise.all(Array.from({ length: 16 }, joiner));
  return devices;
}

/** Until the device's place is told to it, by its own socket. */
export async function untilPlaced(device: Device, withinMs: number): Promise<Status> {
  const line = device.follow('socket');
  try {
    return await line.until(({ place }) => place !== null, withinMs);
  } finally {
    line.close();
  }
}

export async function expectPlacesOfProof(devices: readonly Device[], { draw }: Facts): Promise<void> {
  const { seed, drawn } = draw.proof ?? { seed: '', drawn: 0 };
  const statuses = await Promise.all(devices.map(device => device.status()));
  for (const { number, place } of statuses) expect(place).toBe(placeOf(number ?? -1, drawn, bytesOfHex(seed)));
  const sorted = (values: readonly (number | null)[]) => values.map(Number).sort((left, right) => left - right);
  const all = devices.map((_, index) => index);
  expect(sorted(statuses.map(({ number }) => number))).toEqual(all);
  expect(sorted(statuses.map(({ place }) => place))).toEqual(all);
}

/** What the command line and the independent checker say of facts as fetched; they must agree. */
export async function verdictOn(gateway: GatewayProcess, text: string, number = 0) {
  const file = join(gateway.folder, 'facts.json');
  writeFileSync(file, text);
  const ours = await runJunban(['verify-draw', file, `${number}`]);
  const script = resolve(import.meta.dirname, '../../../deploy/verify_draw.py');
  const theirs = spawnSync('python3', [script, file, `${number}`], { encoding: 'utf8' });
  expect(theirs.status).toBe(ours.code);
  return { code: ours.code, said: `${ours.stdout}${ours.stderr}`, independent: theirs.stdout };
}
