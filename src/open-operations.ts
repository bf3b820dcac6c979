// Puts the operators' side together: what the metrics count, what the API reports, when the gateway is ready. Wiring only.

import type { Settings } from './config/settings.ts';
import type { Clock } from './flow/clock.ts';
import { createAddressReader } from './gateway/client-address.ts';
import type { Gateway } from './gateway/gateway.ts';
import { junbanVersion } from './junban-version.ts';
import type { OpenRoom } from './open-room.ts';
import type { OpsLog, OpsRoom } from './ops/api/api-needs.ts';
import type { RoomBook } from './ops/api/room-book.ts';
import { consolePage } from './ops/console/console-page.ts';
import type { GatewayCounts } from './ops/counts.ts';
import { HistoryLog } from './ops/history-log.ts';
import type { StoreTally } from './ops/measured-store.ts';
import { openMetrics } from './ops/metrics.ts';
import { type Ops, openOps } from './ops/ops-server.ts';
import { recordHistory } from './ops/record-history.ts';
import { type RoomReport, reportRoom } from './ops/room-report.ts';
import { reportTicket, type TicketReport } from './ops/ticket-report.ts';
import { Webhooks } from './ops/webhooks/webhooks.ts';
import { renderMessagePreview, renderPreview } from './page/preview.ts';
import { parseStatus } from './page/status.ts';
import { passEndsAtMs } from './queue/pass-changes.ts';
import type { Replaced } from './queue/replaced.ts';
import { settingsProblem } from './queue/settings-problem.ts';
import type { OperatorsStore } from './store/operators-store.ts';
import type { QueueStore } from './store/queue-store.ts';
import { isStoreError, StoreError } from './store/store-error.ts';
import { absentIn } from './watch-waits.ts';

export type Operations = {
  readonly port: number;
  report(room: string): Promise<RoomReport | null>;
  /** From now on this gateway is not ready. */
  tellStopping(): void;
  close(): Promise<void>;
};

export async function openOperations(of: {
  readonly settings: Settings;
  readonly store: QueueStore & { readonly operators: OperatorsStore };
  /** The clock on which all gateways agree. */
  readonly clock: Clock;
  /** Names this gateway. */
  readonly holder: string;
  readonly gateway: Gateway;
  readonly storeTally: StoreTally;
  /** When the certificate of the store runs out; null without TLS. */
  readonly storeCertificateEndsAtMs: () => number | null;
  /** Since when the key that signs passes signs. */
  readonly signsFromMs: () => number | null;
  /** The rooms as they are now; they may come and go. */
  readonly rooms: () => readonly OpenRoom[];
  readonly book: RoomBook;
  readonly log: OpsLog;
}): Promise<Operations> {
  const { settings, store, clock, gateway, rooms, log } = of;
  const reportOf: ReportOf = async (room, replaced) =>
    reportRoom({
      replaced,
      view: room.door.view,
      handedOut: await room.countNumbers(),
      limit: room.caller.limit,
      signatureUseless: room.watchedShop.isSignatureUseless(),
      storeTrouble: room.storeTrouble() ?? store.trouble(),
      drawTrouble: room.drawTrouble(),
    });
  // The listener has the metrics, and the metrics count what the listener saw.
  let seen: Pick<Ops, 'nextTokenEndAtMs' | 'wrongCredentials'> | null = null;
  const collect = async (): Promise<GatewayCounts> => ({
    holder: of.holder,
    rooms: await Promise.all(
      rooms().map(async room => ({
        report: await reportOf(room),
        isCaller: room.caller.limit !== null,
        passesEnded: room.tallies.passEnds.counts,
        shop: room.tallies.shop,
        shopInFlight: room.door.shop.inFlight(),
        estimates: room.door.view.calibration.outcomes,
        estimateError: room.door.view.calibration.errorMedian,
        shopLimit: room.watchedShop.limit(),
        shopWaiting: room.watchedShop.waiting(),
        paceChanges: room.tallies.paceChanges.counts,
        certificateEndsAtMs: room.door.shop.certificateEndsAtMs(),
        waits: room.waits,
        renewals: room.tallies.renewals,
        absent: await absentIn(room),
        pushDelay: room.tallies.pushDelay,
      })),
    ),
    storeOperations: of.storeTally,
    signsFromMs: of.signsFromMs(),
    socketsOpen: rooms().reduce((sum, { door }) => sum + door.pusher.count, 0),
    framesPushed: rooms().reduce((sum, { tallies }) => sum + tallies.pushed, 0),
    framesDropped: gateway.counts.dropped,
    refusals: { ...gateway.refusals },
    storeTrouble: store.trouble() !== null || rooms().some(room => room.storeTrouble() !== null),
    storeCertificateEndsAtMs: of.storeCertificateEndsAtMs(),
    nextTokenEndAtMs: seen?.nextTokenEndAtMs() ?? null,
    wrongCredentials: seen?.wrongCredentials() ?? 0,
    webhooks: webhooks.counts,
  });
  const packageVersion = await junbanVersion();
  const metrics = openMetrics({ collect, version: packageVersion });
  let isStopping = false;
  const webhooks = new Webhooks({
    hooks: settings.webhooks,
    longLine: settings.longLine,
    store: store.operators,
    holder: of.holder,
    rooms: () =>
      rooms()
        .filter(room => room.caller.limit !== null)
        .map(room => ({ id: room.door.id, report: () => reportOf(room) })),
    nowMs: () => clock.nowMs(),
    onFailure: error => log.error({ err: error }, 'the webhooks failed'),
  });
  const readAddress = createAddressReader(settings.trustedProxies);
  const ops = await openOps({
    listen: settings.ops.listen,
    tokens: settings.ops.tokens,
    proxyLogin: settings.ops.proxyLogin,
    clientOf: (peer, forwardedFor) => readAddress(peer, { forwardedFor, forwardedProto: '' }, false).ip,
    store: store.operators,
    rooms: () => new Map(rooms().map(room => [room.door.id, opsRoomOf(room, reportOf)])),
    book: of.book,
    webhooks,
    metrics,
    readiness: () => readiness(rooms(), store, isStopping),
    consolePage,
    log,
    version: packageVersion,
    nowMs: () => clock.nowMs(),
  }).catch(async (error: unknown) => {
    metrics.stop();
    await webhooks.stop();
    throw error;
  });
  seen = ops;
  const stopRecording = recordHistory({
    history: new HistoryLog(store.operators),
    gateway: of.holder,
    rooms: () =>
      rooms().map(room => ({
        id: room.door.id,
        isCaller: room.caller.limit !== null,
        shop: room.tallies.shop,
        shopInFlight: room.door.shop.inFlight(),
        waits: room.waits,
        report: () => reportOf(room),
      })),
    nowMs: () => clock.nowMs(),
    onLost(room, error) {
      // The trouble with the store is told by its own line.
      if (!isStoreError(error)) log.error({ err: error, room }, 'what a room was like is not kept');
    },
  });
  return {
    port: ops.port,
    async report(id) {
      const room = rooms().find(({ door }) => door.id === id);
      return room === undefined ? null : reportOf(room);
    },
    tellStopping() {
      isStopping = true;
    },
    async close() {
      await webhooks.stop();
      stopRecording();
      metrics.stop();
      await ops.close();
    },
  };
}

type ReportOf = (room: OpenRoom, replaced?: Replaced) => Promise<RoomReport>;

function opsRoomOf(room: OpenRoom, reportOf: ReportOf): OpsRoom {
  const { door, signalSources } = room;
  return {
    id: door.id,
    signalSources,
    preview: (language, message) =>
      message === null
        ? renderPreview(door.page, door.id, language, Date.now())
        : renderMessagePreview(door.page, door.id, { language, message }, Date.now()),
    report: replaced => reportOf(room, replaced),
    async ticket(number) {
      const handedOut = await room.countNumbers();
      if (handedOut === null) throw new StoreError('unavailable', 'how many tickets there are is not known now');
      return number < handedOut ? ticketOf(door, number) : null;
    },
    problemOf: (settings, nowMs) => settingsProblem(door.view.state, door.view.rules, settings, nowMs),
    async ask(request) {
      if (request.kind !== 'let-in' && request.kind !== 'revoke') return door.ask(request);
      // Operators name tickets by their numbers; where these stand is known to the view.
      const handedOut = (await room.countNumbers()) ?? 0;
      const places = request.places.map(number => (number < handedOut ? door.view.placeOf(number) : null));
      const known = places.filter(place => place !== null);
      if (known.length === places.length) return door.ask({ ...request, places: known });
      return { kind: 'refused', reason: 'a ticket of these was never handed out, or has no place yet' };
    },
  };
}

function ticketOf({ view, statusOf }: OpenRoom['door'], number: number): TicketReport | null {
  const status = parseStatus(statusOf(number));
  if (status === null) return null;
  const { state, rules, asOfMs } = view;
  const pass = state.passes.get(state.passOfPlace.get(status.place ?? -1) ?? '');
  return reportTicket({
    ...{ number, status },
    drawn: state.draw?.drawn ?? null,
    isPresent: view.isPresent(number),
    passEndsAtMs: pass === undefined ? null : passEndsAtMs(state, pass, rules, asOfMs),
  });
}

/**
 * Not ready while a store is out of reach, or at the end: another gateway, if there is one, serves better now. A draw that
 * cannot be computed is no reason: it takes the places of one room, and perhaps at every gateway. OP199
 */
function readiness(
  rooms: readonly OpenRoom[],
  store: QueueStore,
  isStopping: boolean,
): { ready: boolean; reasons: string[] } {
  const reasons = rooms.flatMap(room => {
    const trouble = room.storeTrouble();
    return trouble === null ? [] : [`room ${room.door.id}: ${trouble}`];
  });
  const storeTrouble = store.trouble();
  if (isStopping) reasons.push('stopping');
  if (storeTrouble !== null) reasons.push(`store: ${storeTrouble}`);
  return { ready: reasons.length === 0, reasons };
}
