// Real processes on one folder of the embedded store: killed at random instants, or two at once.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../../loadtest/seeded-random.ts';
import { newStoreFolder, removeStoreFolder } from '../../support/store-folder.ts';
import { startStoreProcess } from '../../support/store-process.ts';

const rounds = 32;
const seed = Number(process.env['SEED'] ?? 20_210_509);

let folder = '';
beforeEach(() => {
  folder = newStoreFolder();
});
afterEach(() => removeStoreFolder(folder));

test('[ST2] [ST4] kill -9 at any instant loses no answered number and no acknowledged commit', async () => {
  console.log(`kill test, seed ${seed}`);
  const random = seededRandom(seed);
  let numbersFrom = 0;
  let acknowledged = 0;
  let taken = 0;
  for (let round = 0; round < rounds; round++) {
    const process = startStoreProcess(folder);
    const context = `seed ${seed}, round ${round}`;
    // Some processes die while they are opening the folder. The instant is the matter here: nothing else to await.
    if (random.chance(0.7)) await process.first('opened');
    await sleep(random.between(0, 250));
    await process.kill();
    for (const line of process.lines) {
      if (line.kind === 'opened') {
        expect(line.places, context).toEqual(Array.from({ length: line.places.length }, (_, place) => place));
        expect(line.places.length, context).toBeGreaterThanOrEqual(acknowledged);
        acknowledged = line.places.length;
      }
      if (line.kind === 'committed') acknowledged = line.version;
      if (line.kind !== 'taken') continue;
      expect(line.first, context).toBeGreaterThanOrEqual(numbersFrom);
      numbersFrom = line.first + line.count;
      taken++;
    }
  }
  // A test of nothing would pass as well.
  expect(taken).toBeGreaterThan(rounds * 10);
  expect(acknowledged).toBeGreaterThan(rounds);
});

test('[ST12] a second process on the folder is refused at once with one clear line, and the first goes on', async () => {
  const first = startStoreProcess(folder);
  await first.first('committed');
  const startedAtMs = performance.now();
  const { code, stderr } = await startStoreProcess(folder).ended();
  expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  expect(stderr).toBe(`in-use: ${folder}/junban.sqlite is in use by another Junban process\n`);
  expect(code).toBe(1);
  const seen = first.lines.length;
  await expect.poll(() => first.lines.length).toBeGreaterThan(seen);
  await first.kill();
});

test('[ST12] a process says nothing on stderr, no warning of an experimental engine either', async () => {
  const process = startStoreProcess(folder);
  await process.first('committed');
  await process.kill();
  expect((await process.ended()).stderr).toBe('');
});
