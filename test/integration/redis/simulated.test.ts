// The server of the simulation against Redis: whatever simulated gateways ran gives the same there, call by call.

import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import type { Ran, SimulatedRedis } from '../../simulation/redis/simulated-redis.ts';
import { SimulatedGateways } from '../../simulation/simulated-gateways.ts';
import { RedisProcess } from '../../support/redis-process.ts';

/** What became of the server of a simulated room: a script ran, everything was flushed, or another server took over. */
type Event =
  | { readonly kind: 'ran'; readonly ran: Ran; readonly atMs: number }
  | { readonly kind: 'flushed' }
  | { readonly kind: 'other'; readonly flushes: number; readonly dump: ReturnType<SimulatedRedis['dump']> };

test('[ST234] the server of the simulation answers every script as Redis does', async () => {
  const server = await RedisProcess.start();
  const redis = new Redis(server.port, '127.0.0.1');
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  const missing = new Set([...met.keys()]);
  // Every seed is another life of a room; six at least, and as many as it takes to meet everything.
  for (let seed = 1; seed <= 6 || missing.size > 0; seed += 1) {
    expect(seed, `none of the lives met: ${[...missing].join(', ')}`).toBeLessThanOrEqual(60);
    const compared: Promise<void>[] = [empty(redis, 0)];
    for (const event of await eventsOf(seed)) {
      for (const [what, isMet] of met) if (isMet(event)) missing.delete(what);
      compared.push(replay(redis, event, seed));
    }
    await Promise.all(compared);
  }
});

/** One connection keeps the order, so nothing waits for an answer before the next is asked. */
async function replay(redis: Redis, event: Event, seed: number): Promise<void> {
  if (event.kind === 'flushed') await redis.flushdb();
  else if (event.kind === 'other') {
    const emptied = empty(redis, event.flushes);
    await Promise.all([emptied, ...event.dump.map(([command, ...words]) => redis.call(command, ...words))]);
  } else {
    const { script, reply } = event.ran;
    const answer = await answerOf(redis, event.ran, event.atMs);
    expect(ordered(answer), `${script.name} of seed ${seed}`).toEqual(ordered(reply));
  }
}

/** What has to be compared at least. */
const met = new Map<string, (event: Event) => boolean>([
  ['a flush', ({ kind }) => kind === 'flushed'],
  ['another server', ({ kind }) => kind === 'other'],
  [
    'numbers after a loss',
    event => isRun(event, 'take-numbers', ({ reply, given }) => Number(reply) >= Number(given[3])),
  ],
  [
    'numbers of an emptied server',
    event => isRun(event, 'take-numbers', ({ reply, given }) => Number(reply) >= 16 * Number(given[3])),
  ],
  [
    'a lead that has to compare first',
    event => isRun(event, 'lead', ({ reply }) => Array.isArray(reply) && reply[0] === -2),
  ],
  ...['commit', 'compact', 'exchange-presence', 'read-history', 'restore-history'].map(
    name => [name, (event: Event) => isRun(event, name, () => true)] as const,
  ),
]);

function isRun(event: Event, name: string, fits: (ran: Ran) => boolean): boolean {
  return event.kind === 'ran' && event.ran.script.name === name && fits(event.ran);
}

async function eventsOf(seed: number): Promise<readonly Event[]> {
  const events: Event[] = [];
  let runId: string | null = null;
  const room = new SimulatedGateways(
    seed,
    fault => {
      if (fault === 'everything flushed') events.push({ kind: 'flushed' });
    },
    (ran, atMs) => {
      const { server } = ran;
      // What another server had is known once something ran there.
      if (runId === null || runId === server.runId) events.push({ kind: 'ran', ran, atMs });
      else events.push({ kind: 'other', flushes: server.flushes, dump: server.dump() });
      ({ runId } = server);
    },
  );
  await room.run(60);
  return events;
}

/** A server as one that was just started, and flushed so often since. */
async function empty(redis: Redis, flushes: number): Promise<void> {
  const since = () => Array.from({ length: flushes }, () => redis.flushdb());
  await Promise.all([redis.flushdb(), redis.config('RESETSTAT'), ...since()]);
}

async function answerOf(redis: Redis, { script, keys, given }: Ran, atMs: number): Promise<unknown> {
  // Redis has a clock of its own, so there the scripts read this list instead.
  const time = [Math.floor(atMs / 1_000), Math.floor((atMs % 1_000) * 1_000)];
  const text = script.text.replaceAll("redis.call('TIME')", "redis.call('LRANGE', 'time', 0, -1)");
  const answers = await redis
    .multi()
    .del('time')
    .rpush('time', ...time)
    .callBuffer('eval', text, keys.length, ...keys, ...given)
    .exec();
  const [error, answer] = answers?.[2] ?? [];
  expect(error ?? null).toBeNull();
  return answer;
}

/** What a script told by looking through a table comes in no order: here, the bitmaps of several orders of places. */
function ordered(reply: unknown): unknown {
  if (!Array.isArray(reply) || reply.length <= merged) return reply;
  const rest = reply.slice(merged).map(each => JSON.stringify(each));
  return [...reply.slice(0, merged), ...rest.sort()];
}
const merged = 6;
