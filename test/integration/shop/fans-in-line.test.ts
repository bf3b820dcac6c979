// The whole story with nothing scripted: fans, a gateway process of its own, the demo shop.
import { expect, test, vi } from 'vitest';
import { type FanCounters, fanErrors } from '../../../loadtest/fans/fan-counters.ts';
import { startFans } from '../../../loadtest/fans/fans.ts';
import { startGateway } from '../../../loadtest/k6/gateway-process.ts';
import { openShop } from '../../../loadtest/shop/shop.ts';

const errorsOf = ({ errors }: Readonly<FanCounters>): readonly string[] => fanErrors.filter(kind => errors[kind] > 0);

test('fans come through the line into the shop, buy, and meet no error', async () => {
  const shop = await openShop({ port: 0, controlPort: 0, knee: 1_000 });
  const room = { id: 'sale', shopUrl: shop.url, pacePerMinute: 600, activeCap: 30 };
  const gateway = await startGateway(room);
  const fans = startFans({
    gatewayUrl: gateway.url,
    room: room.id,
    count: 60,
    arrivalsPerSecond: 60,
    seed: 20_270_509,
    behaviour: {
      claimDelay: [50, 300],
      thinks: [20, 100],
      leavesAfter: [500, 5_000],
      losesNetworkAfter: [200, 3_000],
      isAway: [200, 2_000],
      nextFanAfter: [100, 500],
      saysGoodbyeShare: 1,
    },
  });
  try {
    const isThrough = ({ bought, left, lostNetwork }: Readonly<FanCounters>): boolean =>
      bought >= 60 && left >= 1 && lostNetwork >= 1;
    await vi.waitFor(() => expect(isThrough(fans.counters())).toBe(true), { timeout: 60_000, interval: 100 });
    expect(errorsOf(fans.counters())).toEqual([]);
    expect(shop.counters().orders).toBeGreaterThanOrEqual(fans.counters().bought);
  } finally {
    await fans.stop();
    const exitCode = await gateway.stop();
    await shop.stop();
    expect(exitCode).toBe(0);
  }
});
