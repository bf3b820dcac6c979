// What the ops listener answers: which address stands for what, who may ask, and what an operator's write becomes.
// Sockets, headers and their limits are left to ops-server.ts.
import type { IncomingMessage } from 'node:http';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import { phases } from '../queue/room-change.ts';
import { isStoreError } from '../store/store-error.ts';
import type { CredentialCheck } from './credential.ts';
import { jsonAnswer, type OpsAnswer, opsProblem, textAnswer } from './ops-problem.ts';
import { bodyBytesMax, readJson } from './read-json.ts';
import type { RoomReport } from './room-report.ts';
import { isWriteName, readWrite, type WriteName, writeMethods } from './room-writes.ts';

/** One room as operators reach it. */
export type OpsRoom = {
  readonly id: string;
  /** The room as this gateway knows it now. */
  report(): RoomReport | Promise<RoomReport>;
  /**
   * Answers when the request is committed; from then on `report` shows it. Rejects with StoreError `unavailable` when
   * that cannot be known.
   */
  ask(request: RoomRequest): Promise<RoomAnswer>;
};

export type OpsLog = {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
};

export type Readiness = { readonly ready: boolean; readonly reasons: readonly string[] };

export type OpsRoutesNeeds = {
  readonly rooms: ReadonlyMap<string, OpsRoom>;
  readonly refuse: CredentialCheck;
  readonly metrics: { readonly contentType: string; scrape(): Promise<string> };
  readonly readiness: () => Readiness;
  readonly log: OpsLog;
  /** How long a write may wait for its commit before it is answered with 503. */
  readonly commitWaitMs: number;
};

const readMethods = ['GET', 'HEAD'] as const;
const retryAfter = { 'Retry-After': '2' } as const;
const roomsPath = '/api/v1/rooms';

const endpointsText = `Junban, ops listener.

GET  /livez                          is the process alive
GET  /readyz                         may it take traffic, and if not, why
GET  /metrics                        Prometheus metrics
With "Authorization: Bearer TOKEN":
GET  /api/v1/rooms                   all rooms
GET  /api/v1/rooms/{room}            one room
PUT  /api/v1/rooms/{room}/pace       {"perMinute": 600}
PUT  /api/v1/rooms/{room}/cap        {"active": 500}
POST /api/v1/rooms/{room}/pause
POST /api/v1/rooms/{room}/resume
POST /api/v1/rooms/{room}/message    {"text": "..."}, or null to take it away
PUT  /api/v1/rooms/{room}/phase      {"phase": "${phases.join('|')}"}
PUT  /api/v1/rooms/{room}/draw/figure {"value": "39,141.58"}, the announced figure of the draw
`;

/** Answers one request; null: its client has gone. */
export async function answerOps(needs: OpsRoutesNeeds, request: IncomingMessage): Promise<OpsAnswer | null> {
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  const open = openRoutes.get(path);
  if (open !== undefined) return refuseMethod(request, readMethods) ?? open(needs);
  const refusal = needs.refuse(request.headers.authorization);
  if (refusal !== null) return refusal;
  if (path === roomsPath) {
    return refuseMethod(request, readMethods) ?? jsonAnswer(200, { rooms: await reportAll(needs) });
  }
  if (!path.startsWith(`${roomsPath}/`)) return notFound(path);
  const [id = '', ...rest] = path.slice(roomsPath.length + 1).split('/');
  const room = needs.rooms.get(id);
  if (room === undefined) {
    return opsProblem('room-unknown', `There is no room ${shown(id)}. GET ${roomsPath} lists them.`);
  }
  if (rest.length === 0) return refuseMethod(request, readMethods) ?? jsonAnswer(200, await room.report());
  const name = rest.join('/');
  if (!isWriteName(name)) return notFound(path);
  return refuseMethod(request, [writeMethods[name]]) ?? answerWrite(needs, room, name, request);
}

/** OP1, OP2, OP3. What answers without a credential. */
const openRoutes = new Map<string, (needs: OpsRoutesNeeds) => OpsAnswer | Promise<OpsAnswer>>([
  ['/', () => textAnswer(200, endpointsText)],
  ['/livez', () => textAnswer(200, 'ok\n')],
  [
    '/readyz',
    ({ readiness }) => {
      const { ready, reasons } = readiness();
      return jsonAnswer(ready ? 200 : 503, { ready, reasons });
    },
  ],
  ['/metrics', async ({ metrics }) => textAnswer(200, await metrics.scrape(), metrics.contentType)],
]);

async function answerWrite(
  needs: OpsRoutesNeeds,
  room: OpsRoom,
  name: WriteName,
  request: IncomingMessage,
): Promise<OpsAnswer | null> {
  const body = await readJson(request);
  switch (body.kind) {
    case 'lost':
      return null;
    case 'too-large':
      return opsProblem('body-too-large', `A body may have at most ${bodyBytesMax} bytes.`);
    case 'invalid':
      return opsProblem('invalid-json', body.detail);
    case 'none':
    case 'json': {
      const read = readWrite(name, body.kind === 'none' ? {} : body.value);
      if (read.kind === 'ok') return write(needs, room, name, read.request);
      const detail = read.problems.map(each => (each.field === '' ? each.detail : `${each.field} ${each.detail}`));
      return opsProblem('invalid-value', `${detail.join('; ')}.`, { problems: read.problems });
    }
  }
}

/** OP10, OP11. Waits for the commit, and answers with the room as it is then. */
async function write(needs: OpsRoutesNeeds, room: OpsRoom, name: WriteName, request: RoomRequest): Promise<OpsAnswer> {
  const passed = await phasePassed(room, request);
  if (passed !== null) return passed;
  try {
    const answer = await within(needs.commitWaitMs, room.ask(request));
    if (answer.kind === 'refused') return opsProblem('not-possible-now', `${capital(answer.reason)}.`);
  } catch (error) {
    if (!isStoreError(error, 'unavailable') && !(error instanceof NotCommittedInTime)) throw error;
    const detail = `Whether this was done is not known: ${error.message}. Read the room, then ask again.`;
    return opsProblem('store-unavailable', detail, { headers: retryAfter });
  }
  needs.log.info({ room: room.id, write: name, request }, 'an operator changed the room');
  return jsonAnswer(200, await room.report());
}

/** OP12. What was drawn stays drawn: a room goes back to no phase before its start, only from its end to the sale. */
async function phasePassed(room: OpsRoom, request: RoomRequest): Promise<OpsAnswer | null> {
  if (request.kind !== 'phase' || request.phase === 'open') return null;
  const { phase } = await room.report();
  if (phases.indexOf(request.phase) >= phases.indexOf(phase)) return null;
  return opsProblem('phase-passed', `The room is ${phase}; it cannot go back to ${request.phase}.`);
}

class NotCommittedInTime extends Error {}

async function within<T>(waitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NotCommittedInTime(`no answer within ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function refuseMethod(request: IncomingMessage, allowed: readonly string[]): OpsAnswer | null {
  if (allowed.includes(request.method ?? '')) return null;
  const allow = allowed.join(', ');
  return opsProblem('method-not-allowed', `${request.method} is not possible here, only ${allow}.`, {
    headers: { Allow: allow },
  });
}

function reportAll({ rooms }: OpsRoutesNeeds): Promise<RoomReport[]> {
  return Promise.all([...rooms.values()].map(room => room.report()));
}

const notFound = (path: string): OpsAnswer =>
  opsProblem('not-found', `Nothing stands at ${shown(path)}. GET / names what does.`);
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const shown = (text: string): string => JSON.stringify(text.slice(0, 80));
