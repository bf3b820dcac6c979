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
  | { readonly kind: 'other'; readonly isFlushed: boolean; readonly dump: ReturnType<SimulatedRedis['dump']> };

test('[ST234] the server of the simulation answers every script as Redis does', async () => {
  const server = await RedisProcess.start();
  const redis = new Redis(server.port, '127.0.0.1');
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  const names = new Set<string>();
  const kinds = new Set<string>();
  for (const seed of [2, 5, 11, 7, 8, 15]) {
    await empty(redis, false);
    for (const event of await eventsOf(seed)) {
      kinds.add(event.kind);
      if (event.kind === 'flushed') await redis.flushdb();
      else if (event.kind === 'other') {
        await empty(redis, event.isFlushed);
        for (const [command, ...words] of event.dump) await redis.call(command, ...words);
      } else {
        const { script, reply } = event.ran;
        names.add(script.name);
        const answer = await answerOf(redis, event.ran, event.atMs);
        expect(ordered(answer), `${script.name} of seed ${seed}`).toEqual(ordered(reply));
      }
    }
  }
  expect([...kinds].sort()).toEqual(['flushed', 'other', 'ran']);
  const all = ['commit', 'compact', 'exchange-presence', 'lead', 'read-history', 'restore-history', 'take-numbers'];
  expect([...names].sort()).toEqual(expect.arrayContaining(all));
});

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
      else events.push({ kind: 'other', isFlushed: server.isFlushed, dump: server.dump() });
      ({ runId } = server);
    },
  );
  await room.run(60);
  return events;
}

/** A server as one that was just started, or as one that was flushed since. */
async function empty(redis: Redis, isFlushed: boolean): Promise<void> {
  await redis.flushdb();
  await redis.config('RESETSTAT');
  if (isFlushed) await redis.flushdb();
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
