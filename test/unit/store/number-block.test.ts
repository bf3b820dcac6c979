// Blocks of numbers when the disk is slow, fails, or does more than it said.

import { expect, test } from 'vitest';
import { NumberBlock } from '../../../src/store/embedded/number-block.ts';
import { isStoreError, StoreError } from '../../../src/store/store-error.ts';

/** A disk whose reservations are answered when the test says so. */
function slowDisk() {
  let end = 0;
  let nowMs = 0;
  const asked: { readonly count: number; readonly done: () => void; readonly fail: () => void }[] = [];
  const reserve = (count: number) =>
    new Promise<number>((resolve, reject) => {
      const onDisk = () => {
        end += count;
        return end;
      };
      asked.push({
        count,
        done: () => resolve(onDisk()),
        fail: () => {
          onDisk();
          reject(new StoreError('unavailable', 'no answer'));
        },
      });
    });
  const answer = async (how: 'done' | 'fail') => {
    asked.shift()?.[how]();
    await new Promise(resolve => setImmediate(resolve));
  };
  const block = new NumberBlock(reserve, () => nowMs);
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { block, asked, answer, wait };
}

test('[ST1] whoever comes while others wait for the disk is served after them', async () => {
  const { block, answer } = slowDisk();
  const early = [block.take(2), block.take(1_000_000), block.take(1)];
  await answer('done');
  const late = block.take(1);
  expect(late).toBeInstanceOf(Promise);
  await answer('done');
  expect(await Promise.all([...early, late])).toEqual([0, 2, 1_000_002, 1_000_003]);
});

test('[ST1] a block that runs low is renewed before it is empty, with one reservation at a time', async () => {
  const { block, asked, answer } = slowDisk();
  const first = block.take(1);
  await answer('done');
  expect(await first).toBe(0);
  let expected = 1;
  while (asked.length === 0) expect(block.take(1)).toBe(expected++);
  expect(expected).toBeLessThan(2_500);
  expect(block.take(1)).toBe(expected++);
  expect(asked).toHaveLength(1);
  await answer('done');
  expect(block.take(4_000)).toBe(expected);
});

test('[ST1] blocks grow with the speed of the joins and shrink again', async () => {
  const { block, asked, answer, wait } = slowDisk();
  const sizes: number[] = [];
  for (const [count, ms] of [
    [1, 0],
    [100_000, 500],
    [400_000, 1_000],
    [10, 60_000],
    [900_000, 60_000],
  ] as const) {
    wait(ms);
    const taken = block.take(count);
    while (asked.length > 0) {
      sizes.push(asked[0]?.count ?? 0);
      await answer('done');
    }
    await taken;
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(400_000 + 1_048_576 + 400_000);
  expect(sizes[0]).toBe(1 + 4_096);
  expect(sizes.some(size => size > 700_000)).toBe(true);
  expect(sizes.at(-1)).toBeLessThan(900_000 + 50_000);
});

test('[ST2] a reservation that reached the disk and was not answered skips its numbers', async () => {
  const { block, asked, answer } = slowDisk();
  const lost = block.take(1);
  const count = asked[0]?.count ?? 0;
  const told = expect(lost).rejects.toSatisfy(error => isStoreError(error, 'unavailable'));
  await answer('fail');
  await told;
  const next = block.take(1);
  await answer('done');
  expect(await next).toBe(count);
});

test('[ST15] calls that wait for the disk are bounded; beyond that they fail at once', async () => {
  const { block, answer } = slowDisk();
  const waiting = Array.from({ length: 10_000 }, () => block.take(1));
  await expect(block.take(1)).rejects.toSatisfy(error => isStoreError(error, 'busy'));
  await answer('done');
  await answer('done');
  expect(await waiting.at(-1)).toBe(9_999);
});
