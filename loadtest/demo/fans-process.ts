// The simulated fans of the demo as a process of their own; it ends with its parent.

import { startFans } from '../fans/fans.ts';

export type FansMessage = { readonly gatewayUrl: string; readonly room: string; readonly count: number };
export type FansReport = ReturnType<ReturnType<typeof startFans>['counters']>;

const reportPeriodMs = 1_000;

process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent decides the order.
process.on('SIGINT', () => undefined);

process.once('message', ({ gatewayUrl, room, count }: FansMessage) => {
  const fans = startFans({ gatewayUrl, room, count, arrivalsPerSecond: Math.max(10, count / 15), seed: Date.now() });
  setInterval(() => process.send?.(fans.counters() satisfies FansReport), reportPeriodMs);
});
