// The server of the simulation against Redis: whatever simulated gateways ran gives the same there, call by call.

import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import type { Ran } from '../../simulation/redis/simulated-redis.ts';
import { SimulatedGateways } from '../../simulation/simulated-gateways.ts';
import { RedisProcess } from '../../support/redis-process.ts';

/** Of the first server of a room, before anything is lost. */
const firstRun = 'run-1';

test('[ST234] the server of the simulation answers every script as Redis does', async () => {
  const server = await RedisProcess.start();
  const redis = new Redis(server.port, '127.0.0.1');
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  const names = new Set<string>();
  for (const seed of [2, 5, 11, 7, 8, 15]) {
    const ran: (Ran & { readonly atMs: number })[] = [];
    let isFlushed = false;
    const room = new SimulatedGateways(
      seed,
      fault => {
        isFlushed ||= fault === 'everything flushed';
      },
      (each, atMs) => {
        if (each.server.runId === firstRun && !isFlushed) ran.push({ ...each, atMs });
      },
    );
    await room.run(60);
    await redis.select(seed);
    for (const { script, keys, given, reply, atMs } of ran) {
      names.add(script.name);
      // Redis has a clock of its own, so there the scripts read this list instead.
      const time = [Math.floor(atMs / 1_000), Math.floor((atMs % 1_000) * 1_000)];
      const text = script.text.replaceAll("redis.call('TIME')", "redis.call('LRANGE', 'time', 0, -1)");
      const answered = redis
        .multi()
        .del('time')
        .rpush('time', ...time)
        .callBuffer('eval', text, keys.length, ...keys, ...given);
      const answers = (await answered.exec()) ?? [];
      const [error, answer] = answers[2] ?? [];
      expect(error ?? null).toBeNull();
      expect(ordered(answer), `${script.name} of seed ${seed}`).toEqual(ordered(reply));
    }
  }
  expect([...names].sort()).toEqual(
    expect.arrayContaining(['commit', 'compact', 'exchange-presence', 'lead', 'read-history']),
  );
});

/** What a script told by looking through a table comes in no order: here, the bitmaps of several orders of places. */
function ordered(reply: unknown): unknown {
  if (!Array.isArray(reply) || reply.length <= merged) return reply;
  const rest = reply.slice(merged).map(each => JSON.stringify(each));
  return [...reply.slice(0, merged), ...rest.sort()];
}
const merged = 6;
