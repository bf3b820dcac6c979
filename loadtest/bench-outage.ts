// Redis hangs for a minute while joins arrive: what the gateway holds in memory meanwhile, and how soon it gives numbers
// again after that. `node loadtest/bench-outage.ts [--seconds 60] [--rate 5000] [--save]`. Needs redis-server.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { JoinStorm, watchMemory } from '../test/support/join-storm.ts';
import { RedisProcess } from '../test/support/redis-process.ts';
import { atMost, type Figure, report } from './bench-figures.ts';

const mebibyte = 2 ** 20;
const warmMs = 5_000;
const connectionsMax = 12_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '5000' },
    save: { type: 'boolean' },
  },
});
const [outageSeconds, perSecond] = [Number(values.seconds), Number(values.rate)];

const redis = await RedisProcess.start();
const gateway = await GatewayProcess.start({
  rooms: [
    { id: 'sale', shop: 'http://127.0.0.1:1', opensAt: '2020-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' },
  ],
  more: { store: { kind: 'redis', url: `redis://127.0.0.1:${redis.port}` } },
});
const path = '/_junban/v1/tickets?room=sale';
const storm = new JoinStorm({ port: gateway.port, host: '127.0.0.1', path, perSecond, connectionsMax });
try {
  await delay(warmMs);
  const [residentBefore, before] = [gateway.residentBytes, storm.tally];
  redis.freeze();
  const course = await watchMemory(gateway, residentBefore, outageSeconds * 1_000);
  const during = storm.tally;
  storm.mark();
  const backAtMs = Date.now();
  redis.thaw();
  // What was told before the mark is older.
  while ((storm.tally.firstJoinedAtMs ?? 0) < backAtMs && Date.now() - backAtMs < 30_000) await delay(20);
  const { firstJoinedAtMs, other, broken } = storm.tally;
  await delay(warmMs);
  const after = storm.tally;
  const figure = (what: string, unit: string, value: number, budget: Figure['budget'] = null): Figure => ({
    ...{ what, unit, value, floor: null, budget },
  });
  const arrived = (during.sent - before.sent) / outageSeconds;
  report(
    'bench-outage',
    [
      figure('joins that arrived a second while Redis hung', 'per second', arrived),
      figure('of them refused with 503', '%', ((during.refused - before.refused) / (during.sent - before.sent)) * 100),
      figure('answered in another way', 'joins', other, atMost(0)),
      figure('lost with a connection that had been idle', 'joins', broken),
      figure('memory of the gateway, at most above what it had', 'MiB', course.growthBytes / mebibyte, atMost(150)),
      figure('growth in the second half', 'MiB per second', course.slopeBytesPerSecond / mebibyte, atMost(0.1)),
      figure(
        'from the return of Redis to the first number',
        's',
        ((firstJoinedAtMs ?? 0) - backAtMs) / 1_000,
        atMost(5),
      ),
      figure('joins a second in the 5 s after that', 'per second', ((after.joined - during.joined) * 1_000) / warmMs),
    ],
    { outageSeconds, perSecond },
  );
} finally {
  await storm.end();
  await gateway.remove();
  await redis.remove();
}
