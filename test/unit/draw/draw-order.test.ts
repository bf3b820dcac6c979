// The order in slices or from a worker thread is the order, and its making leaves the event loop free.

import { expect, test } from 'vitest';
import { drawOrder } from '../../../src/draw/draw-order.ts';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { drawPlaces } from '../../../src/draw/permute.ts';

const seed = '5e'.repeat(32);

test.each([0, 1, 4_096, 131_072, 131_073])(
  '[DR6] the order of %i is the same in slices and by the thread as in place',
  async drawn => {
    const { places, numbers } = await drawOrder(drawn, seed);
    expect(Buffer.compare(bytesOf(places), bytesOf(drawPlaces(drawn, bytesOfHex(seed))))).toBe(0);
    expect(places.every((place, number) => numbers[place] === number)).toBe(true);
  },
);

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array) => new Uint8Array(buffer, byteOffset, byteLength);

test.each([
  [131_072, 3],
  [300_000, 100],
])('[DR6] the event loop turns while the order of %i is computed', async (drawn, turnsMin) => {
  let turns = 0;
  let isDone = false;
  const order = drawOrder(drawn, seed).finally(() => {
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
  expect((await order).places).toHaveLength(drawn);
  expect(turns).toBeGreaterThan(turnsMin);
});

test('[DR6] what is no seed or no count is rejected, from the thread too', async () => {
  await expect(drawOrder(10_000, 'zz'.repeat(32))).rejects.toThrow('not lower-case hex');
  await expect(drawOrder(10_000, '5e')).rejects.toThrow('a seed has 32 bytes');
  await expect(drawOrder(10, '5e')).rejects.toThrow('a seed has 32 bytes');
  await expect(drawOrder(Number.NaN, seed)).rejects.toThrow('whole number');
  await expect(drawOrder(200_000, '5e')).rejects.toThrow('a seed has 32 bytes');
  await expect(drawOrder(2 ** 31, seed)).rejects.toThrow('whole number');
});
