// An ops listener over one room that changes by the pure queue code, without a store: what is asked is committed at
// once, or when a test lets it be. And raw requests, for what no proper client sends.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { OpsRoom } from '../../../src/ops/api/api-needs.ts';
import type { GatewayCounts, RoomCounts } from '../../../src/ops/counts.ts';
import { PaceChangeTally, PassEndTally, ShopOutcomeTally } from '../../../src/ops/counts.ts';
import { newStoreTally } from '../../../src/ops/measured-store.ts';
import { type Metrics, openMetrics } from '../../../src/ops/metrics.ts';
import { LatencyTally } from '../../../src/ops/operation-metrics.ts';
import { textAnswer } from '../../../src/ops/ops-problem.ts';
import { type Ops, type OpsOptions, openOps } from '../../../src/ops/ops-server.ts';
import { reportRoom } from '../../../src/ops/room-report.ts';
import { reportTicket } from '../../../src/ops/ticket-report.ts';
import { WaitTally } from '../../../src/ops/wait-tally.ts';
import type { Status } from '../../../src/page/status.ts';
import type { RoomRequest } from '../../../src/queue/answer-request.ts';
import { applyChange } from '../../../src/queue/apply-change.ts';
import { replacedBy } from '../../../src/queue/replaced.ts';
import type { RoomChange } from '../../../src/queue/room-change.ts';
import type { RoomRules } from '../../../src/queue/room-rules.ts';
import { newRoomState } from '../../../src/queue/room-state.ts';
import { settingsProblem } from '../../../src/queue/settings-problem.ts';
import { memoryOperators } from '../../support/memory-operators.ts';

export const token = 'correct-horse-battery';
export const nowMs = Date.parse('2027-05-09T01:00:00Z');

export const rules: RoomRules = {
  id: 'sale',
  opensAtMs: null,
  startsAtMs: null,
  endsAtMs: null,
  pacePerMinute: 600,
  activeCap: 500,
  claimWindowMs: 300_000,
  graceTimeMs: 90_000,
  passIdleMs: 600_000,
  passMaxMs: 2_700_000,
  ticketLifetimeMs: 86_400_000,
};

const handedOut = 7;

const statusOf = (room: string, number: number): Status => ({
  ...{ v: 1, room, phase: 'open', paused: false, state: 'waiting', number, place: number, ahead: number, total: 2 },
  ...{ etaSeconds: [10, 20], pacePerMinute: 600, startsAt: null, claimBy: null, message: null },
  ...{ asOf: new Date(nowMs).toISOString(), checking: false, next: 1_000 },
});

export type StandRoom = OpsRoom & {
  readonly asked: RoomRequest[];
  /** What a commit waits for; a rejection is a store that does not answer. */
  commit: () => Promise<void>;
};

export function standRoom(id = 'sale', clock = () => nowMs): StandRoom {
  const state = newRoomState();
  const asked: RoomRequest[] = [];
  const room: StandRoom = {
    id,
    signalSources: ['prometheus'],
    preview: language => ({ html: `<p>${language}</p>`, policy: "default-src 'none'" }),
    asked,
    commit: () => Promise.resolve(),
    report: replaced =>
      reportRoom({
        replaced,
        view: {
          state,
          rules: { ...rules, id },
          presentCount: 3,
          total: 2,
          checking: false,
          asOfMs: nowMs,
        },
        handedOut,
        limit: 'pace',
        storeTrouble: null,
      }),
    ticket: async number =>
      number >= handedOut
        ? null
        : reportTicket({
            ...{ number, drawn: 5, isPresent: true, passEndsAtMs: null },
            status: statusOf(id, number),
          }),
    problemOf: (settings, atMs) => settingsProblem(state, rules, settings, atMs),
    async ask(request) {
      asked.push(request);
      if ('ifRevision' in request && request.ifRevision !== undefined && request.ifRevision !== state.revision) {
        return { kind: 'changed-meanwhile' };
      }
      const problem = request.kind === 'settings' ? settingsProblem(state, rules, request.settings, clock()) : null;
      if (problem !== null) return { kind: 'refused', reason: `${problem.field} ${problem.detail}`, problem };
      await room.commit();
      const replaced = replacedBy(state, request);
      const change = changeOf(request);
      if (change !== null) applyChange(state, change, rules);
      return { kind: 'done', ...(replaced !== null && { replaced }) };
    },
  };
  return room;
}

function changeOf(request: RoomRequest): RoomChange | null {
  switch (request.kind) {
    case 'settings':
    case 'hold':
    case 'phase':
      return { ...request, atMs: nowMs };
    default:
      return null;
  }
}

export function countsOf(rooms: readonly OpsRoom[]): Promise<GatewayCounts> {
  const each = rooms.map(async (room): Promise<RoomCounts> => {
    const shop = new ShopOutcomeTally();
    return {
      report: await room.report(),
      isCaller: true,
      passesEnded: new PassEndTally().counts,
      shop,
      estimates: { held: 4, missed: 1, dropped: 0 },
      estimateError: 0.07,
      shopLimit: 20,
      shopWaiting: 0,
      paceChanges: new PaceChangeTally().counts,
      shopInFlight: 0,
      certificateEndsAtMs: nowMs,
      waits: new WaitTally(),
      renewals: 1,
      absent: 2,
      pushDelay: new LatencyTally([1, 10]),
    };
  });
  return Promise.all(each).then(counted => ({
    rooms: counted,
    socketsOpen: 12,
    framesPushed: 345,
    framesDropped: 6,
    refusals: { 'ticket-missing': 7 },
    holder: 'this-gateway',
    storeOperations: newStoreTally(),
    storeCertificateEndsAtMs: nowMs,
    nextTokenEndAtMs: nowMs,
    wrongCredentials: 0,
    webhooks: { outcomes: { delivered: 0, failed: 0, dead: 0 }, waiting: 0 },
    signsFromMs: nowMs,
    storeTrouble: false,
  }));
}

export type Stand = {
  readonly room: StandRoom;
  readonly url: string;
  readonly port: number;
  readonly logged: string[];
  readonly metrics: Metrics;
  /** With the token unless `headers` say otherwise; a body that is not a string is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Cuts what is under way, unless it is given time. */
  close(graceMs?: number): Promise<void>;
};

export type Reply = { readonly status: number; readonly headers: Headers; readonly body: string; json(): Document };
/** What the tests read of an answer's JSON. */
export type Document = Readonly<Record<string, unknown>>;

type StandOptions = Partial<Omit<OpsOptions, 'rooms'>> & { readonly rooms?: readonly OpsRoom[] };

export const adminToken = { name: 'admin', role: 'admin', token } as const;

export async function openStand({ rooms: given, ...options }: StandOptions = {}): Promise<Stand> {
  const room = standRoom('sale', options.nowMs);
  const rooms = given ?? [room];
  const metrics = openMetrics({ collect: () => countsOf(rooms), version: '0.1.0' });
  const logged: string[] = [];
  const log = {
    level: 'info',
    info: (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    error: (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  };
  const ops: Ops = await openOps({
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [adminToken],
    proxyLogin: null,
    store: memoryOperators(),
    rooms: () => new Map(rooms.map(each => [each.id, each])),
    book: {
      list: () => [],
      put: async () => ({ kind: 'refused', reason: 'Not here' }),
      remove: async () => ({ kind: 'refused', reason: 'Not here' }),
      schema: {},
    },
    webhooks: { states: () => [], deadLetters: async () => [] },
    consolePage: async () => textAnswer(200, '<!doctype html>', 'text/html; charset=utf-8'),
    version: '0.1.0',
    nowMs: () => Date.now(),
    metrics,
    readiness: () => ({ ready: true, reasons: [] }),
    log,
    ...options,
  });
  const url = `http://127.0.0.1:${ops.port}`;
  return {
    room,
    url,
    port: ops.port,
    logged,
    metrics,
    async call(method, path, body, headers = { authorization: `Bearer ${token}` }) {
      const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const response = await fetch(`${url}${path}`, { method, headers, ...sent });
      const answered = await response.text();
      return { status: response.status, headers: response.headers, body: answered, json: () => JSON.parse(answered) };
    },
    async close(graceMs = 0) {
      metrics.stop();
      await ops.close(graceMs);
    },
  };
}

/** Sends bytes and gives everything that comes until the server ends the connection. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}
