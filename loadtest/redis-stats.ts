// What a redis-server was sent and what it holds, as it counts itself.
import type { RedisProcess } from '../test/support/redis-process.ts';

export type RedisStats = {
  /** Commands that came from outside. */
  readonly sent: number;
  readonly inBytes: number;
  readonly outBytes: number;
  readonly memoryBytes: number;
};

export async function statsOf(redis: RedisProcess): Promise<RedisStats> {
  const text = String(await redis.command('INFO', 'everything'));
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const calls = (name: string) => Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  // What scripts do inside is no command that was sent; each commit pushes once and publishes once.
  const published = calls('publish') - calls('rpush');
  return {
    sent: calls('evalsha') + calls('eval') + calls('ping') + published,
    inBytes: figure('total_net_input_bytes'),
    outBytes: figure('total_net_output_bytes'),
    memoryBytes: figure('used_memory'),
  };
}
