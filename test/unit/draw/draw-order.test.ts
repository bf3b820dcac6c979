// The list from a worker thread is the list, and its making leaves the event loop free.

import { expect, test } from 'vitest';
import { drawOrder } from '../../../src/draw/draw-order.ts';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { drawPlaces } from '../../../src/draw/permute.ts';

const seed = '5e'.repeat(32);

test.each([0, 1, 4_096, 4_097, 70_000])('[DR6] the list of %i is the same from the thread as in place', async drawn => {
  expect(await drawOrder(drawn, seed)).toEqual(drawPlaces(drawn, bytesOfHex(seed)));
});

test('[DR6] the event loop turns while a long list is computed', async () => {
  let turns = 0;
  let isDone = false;
  const order = drawOrder(300_000, seed).finally(() => {
    isDone = true;
  });
  await new Promise<void>(resolve => {
    const turn = () => {
      turns += 1;
      if (isDone) resolve();
      else setImmediate(turn);
    };
    setImmediate(turn);
  });
  expect(await order).toHaveLength(300_000);
  expect(turns).toBeGreaterThan(100);
});

test('[DR6] what is no seed or no count is rejected, from the thread too', async () => {
  await expect(drawOrder(10_000, 'zz'.repeat(32))).rejects.toThrow('not lower-case hex');
  await expect(drawOrder(10_000, '5e')).rejects.toThrow('a seed has 32 bytes');
  await expect(drawOrder(10, '5e')).rejects.toThrow('a seed has 32 bytes');
  await expect(drawOrder(Number.NaN, seed)).rejects.toThrow('whole number');
  await expect(drawOrder(2 ** 31, seed)).rejects.toThrow('whole number');
});
