// How long a gateway that ends serves whoever comes on kept connections.

import { expect, test } from 'vitest';
import { handOver } from '../../src/hand-over.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** When the hand-over was over, with requests that end at `answeredAtMs`. */
async function overAfter(atLeastMs: number, answeredAtMs: number): Promise<number> {
  const clock = new VirtualClock();
  const startedAtMs = clock.nowMs();
  let overAtMs = Number.NaN;
  const underWay = () => (clock.nowMs() - startedAtMs < answeredAtMs ? 1 : 0);
  const over = handOver({ clock, atLeastMs, atMostMs: 5_000, underWay }).then(() => {
    overAtMs = clock.nowMs() - startedAtMs;
  });
  for (let stepsMs = 0; stepsMs < 6_000; stepsMs += 50) await clock.advance(50);
  await over;
  return overAtMs;
}

test('[OP90] the hand-over takes as long as others need, longer while requests are under way, and never longer than it may', async () => {
  expect(await overAfter(2_000, 0)).toBe(2_000);
  expect(await overAfter(2_000, 3_000)).toBeGreaterThanOrEqual(3_000);
  expect(await overAfter(2_000, 3_000)).toBeLessThan(3_200);
  expect(await overAfter(2_000, 60_000)).toBe(5_000);
  expect(await overAfter(0, 0)).toBeLessThanOrEqual(50);
});
