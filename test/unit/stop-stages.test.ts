// The end of a process: its order, and that nothing holds it up for ever.

import { expect, test } from 'vitest';
import { StopStages } from '../../src/stop-stages.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function staged() {
  const clock = new VirtualClock();
  const said: string[] = [];
  const stages = new StopStages({
    clock,
    onFailure: error => said.push(`failed: ${String(error)}`),
    onLate: stage => said.push(`late: ${stage}`),
  });
  return { clock, said, stages };
}

const never = () => new Promise<void>(() => undefined);

test('[OP93] stages end in their order, one after the other, whatever fails', async () => {
  const { clock, said, stages } = staged();
  stages.at('store', () => void said.push('store'));
  stages.at('rooms', () => new Promise(resolve => clock.after(50, () => resolve(void said.push('slow room')))));
  stages.at('rooms', () => void said.push('quick room'));
  stages.at('connections', () => Promise.reject(new Error('no')));
  stages.at('readiness', () => void said.push('readiness'));
  const ended = stages.run(1_000);
  await clock.advance(2_000);
  expect(await ended).toBe(true);
  expect(said).toEqual(['readiness', 'quick room', 'slow room', 'failed: Error: no', 'store']);
  // Asked again it does nothing again.
  expect(await stages.run(1_000)).toBe(true);
  expect(said).toHaveLength(5);
});

test('[OP93] when the time is over what hangs is named, and the rest is told to end without being waited for', async () => {
  const { clock, said, stages } = staged();
  stages.at('shops', () => new Promise(resolve => clock.after(600, resolve)));
  stages.at('rooms', never);
  stages.at('operators', () => void said.push('operators'));
  stages.at('store', () => {
    said.push('store');
    return never();
  });
  let whole: boolean | null = null;
  const ended = stages.run(1_000).then(each => {
    whole = each;
  });
  await clock.advance(999);
  expect([whole, said]).toEqual([null, []]);
  await clock.advance(1);
  await ended;
  expect([whole, said]).toEqual([false, ['operators', 'store', 'late: rooms']]);
});
