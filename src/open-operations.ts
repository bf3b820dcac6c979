// Puts the operators' side together: what the metrics count, what the API reports, when the gateway is ready. Wiring only.

import { readFile } from 'node:fs/promises';
import type { Settings } from './config/settings.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { OpenRoom } from './open-room.ts';
import type { GatewayCounts } from './ops/counts.ts';
import { openMetrics } from './ops/metrics.ts';
import type { OpsLog } from './ops/ops-routes.ts';
import { openOps } from './ops/ops-server.ts';
import { noAutopilot, type RoomReport, reportRoom } from './ops/room-report.ts';
import type { QueueStore } from './store/queue-store.ts';

export type Operations = {
  readonly port: number;
  report(room: string): Promise<RoomReport | null>;
  close(): Promise<void>;
};

export async function openOperations(of: {
  readonly settings: Settings;
  readonly store: QueueStore;
  readonly gateway: Gateway;
  readonly rooms: readonly OpenRoom[];
  readonly log: OpsLog;
}): Promise<Operations> {
  const { settings, store, gateway, rooms, log } = of;
  const reportOf = async (room: OpenRoom): Promise<RoomReport> =>
    reportRoom({
      view: room.door.view,
      handedOut: await room.countNumbers(),
      limit: room.caller.limit,
      autopilot: noAutopilot(settings.rooms.find(({ id }) => id === room.door.id)?.autopilot.mode ?? 'off'),
      storeTrouble: room.trouble() ?? store.trouble(),
    });
  const collect = async (): Promise<GatewayCounts> => ({
    rooms: await Promise.all(
      rooms.map(async room => ({
        report: await reportOf(room),
        isCaller: room.caller.limit !== null,
        passesEnded: room.tallies.passEnds.counts,
        shop: room.tallies.shop,
        shopInFlight: room.door.shop.inFlight(),
      })),
    ),
    socketsOpen: rooms.reduce((sum, { door }) => sum + door.pusher.count, 0),
    framesPushed: rooms.reduce((sum, { tallies }) => sum + tallies.pushed, 0),
    framesDropped: gateway.counts.dropped,
    refusals: { ...gateway.refusals },
    storeTrouble: store.trouble() !== null || rooms.some(room => room.trouble() !== null),
  });
  const metrics = openMetrics({ collect, version: await version() });
  const ops = await openOps({
    listen: settings.ops.listen,
    token: settings.ops.token,
    rooms: rooms.map(room => ({
      id: room.door.id,
      report: () => reportOf(room),
      ask: request => room.caller.ask(request),
    })),
    metrics,
    readiness: () => readiness(rooms, store),
    log,
  });
  return {
    port: ops.port,
    async report(id) {
      const room = rooms.find(({ door }) => door.id === id);
      return room === undefined ? null : reportOf(room);
    },
    async close() {
      metrics.stop();
      await ops.close();
    },
  };
}

/** Not ready while a store is out of reach: another gateway, if there is one, serves better now. */
function readiness(rooms: readonly OpenRoom[], store: QueueStore): { ready: boolean; reasons: string[] } {
  const reasons = rooms.flatMap(room => {
    const trouble = room.trouble();
    return trouble === null ? [] : [`room ${room.door.id}: ${trouble}`];
  });
  const storeTrouble = store.trouble();
  if (storeTrouble !== null) reasons.push(`store: ${storeTrouble}`);
  return { ready: reasons.length === 0, reasons };
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}
