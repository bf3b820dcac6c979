// The operations on a room: looking at it, steering it, asking what would happen.
import * as z from 'zod';
import { forecast, meanStayMs } from '../../estimate/forecast.ts';
import type { RoomAnswer, RoomRequest } from '../../queue/answer-request.ts';
import { isPhasePassed } from '../../queue/room-change.ts';
import type { SettingsProblem } from '../../queue/settings-problem.ts';
import { isStoreError } from '../../store/store-error.ts';
import { type HistoryRow, mergeSamples } from '../merge-samples.ts';
import { jsonAnswer, type OpsAnswer, opsProblem, textAnswer } from '../ops-problem.ts';
import type { RoomReport } from '../room-report.ts';
import { writes } from '../room-writes.ts';
import { reasonOf, type WriteName, writeBodies, writeNames } from '../write-bodies.ts';
import { requestOf } from '../write-requests.ts';
import type { ApiNeeds, OpsRoom } from './api-needs.ts';
import { expected } from './check-body.ts';
import { type Ask, json, type Operation, operation } from './operation.ts';
import { roomShape, roomsShape } from './shapes.ts';
import { within } from './within.ts';

const roomPath = '/api/v1/rooms/{room}';
const retryAfter = { 'Retry-After': '2' } as const;
const minutes = expected('a whole number of minutes from 1 to 360; the report has all');
const perMinute = expected('a number above 0 and at most 1000000');

export function roomOperations(needs: ApiNeeds): readonly Operation[] {
  return [
    operation({
      ...{ name: 'listRooms', method: 'GET', path: '/api/v1/rooms', role: 'viewer' },
      summary: 'All rooms, each at one instant.',
      answers: [json(roomsShape)],
      run: async () => jsonAnswer(200, { rooms: await reportAll(needs) }),
    }),
    operation({
      ...{ name: 'getRoom', method: 'GET', path: roomPath, role: 'viewer' },
      summary: 'One room at one instant; the ETag is its revision.',
      answers: [json(roomShape)],
      problems: ['room-unknown'],
      run: async ask => withRoom(needs, ask, async room => roomAnswer(await room.report())),
    }),
    ...writeNames.map(name => writeOperation(needs, name)),
    historyOperation(needs),
    ...reportOperations(needs),
    forecastOperation(needs),
  ];
}

export function reportAll({ rooms }: Pick<ApiNeeds, 'rooms'>): Promise<RoomReport[]> {
  return Promise.all([...rooms().values()].map(room => room.report()));
}

export async function withRoom(
  { rooms }: Pick<ApiNeeds, 'rooms'>,
  { params }: Pick<Ask, 'params'>,
  act: (room: OpsRoom) => Promise<OpsAnswer>,
): Promise<OpsAnswer> {
  const id = params['room'] ?? '';
  const room = rooms().get(id);
  if (room !== undefined) return act(room);
  return opsProblem(
    'room-unknown',
    `There is no room ${JSON.stringify(id.slice(0, 80))}. GET /api/v1/rooms lists them.`,
  );
}

function roomAnswer(report: RoomReport): OpsAnswer {
  const answer = jsonAnswer(200, report);
  return { ...answer, headers: { ...answer.headers, ETag: `"${report.revision}"` } };
}

function writeOperation(needs: ApiNeeds, name: WriteName): Operation {
  const { method, name: operationName, role, summary, bodyBytesMax } = writes[name];
  return operation({
    ...{ name: operationName, method, path: `${roomPath}/${name}`, role, summary },
    body: writeBodies[name],
    ...(bodyBytesMax !== undefined && { bodyBytesMax }),
    answers: [json(roomShape)],
    problems: ['room-unknown', 'not-possible-now', 'phase-passed', 'store-unavailable'],
    isVersioned: true,
    run: ask => withRoom(needs, ask, room => write(needs, room, name, ask)),
  });
}

/** OP10, OP11. Waits for the commit, and answers with the room as it is then. */
async function write(needs: ApiNeeds, room: OpsRoom, name: WriteName, ask: Ask): Promise<OpsAnswer> {
  const asked = requestOf(name, ask.body);
  if (asked.kind === 'senseless') {
    return opsProblem('invalid-value', `${asked.why}.`, { problems: [{ field: '', detail: asked.why }] });
  }
  const before = await room.report();
  const refusal = phasePassed(before, asked);
  if (refusal !== null) return refusal;
  // A first look, for a caller of an older version that takes them unseen; by what the operator saw, or not at all. // AP125
  if (asked.kind === 'settings' && (ask.ifRevision ?? before.revision) === before.revision) {
    const problem = room.problemOf(asked.settings, needs.nowMs());
    if (problem !== null) return senseless(problem);
  }
  const revision = ask.ifRevision === null ? {} : { ifRevision: ask.ifRevision };
  const request: RoomRequest = { ...asked, ...revision, ...{ tellsReplaced: true } };
  const shows = writes[name].shows;
  const shownOf = (report: RoomReport) => Object.fromEntries(shows.map(key => [key, report[key]]));
  const deed = {
    ...{ operator: ask.operator, what: writes[name].name, room: room.id, why: reasonOf(ask.body) },
    before: shownOf(before),
    after: afterOf(ask.body),
  };
  try {
    const answer = await needs.audit.write(
      deed,
      () => within(needs.commitWaitMs, room.ask(request)),
      whyNotDone,
      async given =>
        given.kind === 'done' && given.replaced !== undefined ? shownOf(await room.report(given.replaced)) : undefined,
    );
    if (answer.kind === 'refused') {
      const { problem, reason } = answer;
      return problem === undefined ? opsProblem('not-possible-now', `${capital(reason)}.`) : senseless(problem);
    }
    if (answer.kind === 'changed-meanwhile') return changedMeanwhile(await room.report());
  } catch (error) {
    if (!isStoreError(error, 'unavailable')) throw error;
    const detail = `Whether this was done is not known: ${error.message}. Read the room, then ask again.`;
    return opsProblem('store-unavailable', detail, { headers: retryAfter });
  }
  needs.log.info({ room: room.id, write: name, who: ask.operator.name, request }, 'an operator changed the room');
  needs.feed.tellNow();
  return roomAnswer(await room.report());
}

function whyNotDone(answer: RoomAnswer): string | null {
  switch (answer.kind) {
    case 'refused':
      return answer.reason;
    case 'changed-meanwhile':
      return 'the room had changed';
    default:
      return null;
  }
}

function senseless({ field, detail }: SettingsProblem): OpsAnswer {
  return opsProblem('invalid-value', `${field} ${detail}.`, { problems: [{ field, detail }] });
}

function afterOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'reason'));
}

function changedMeanwhile({ revision }: RoomReport): OpsAnswer {
  const detail = `Somebody else steered the room since: it is at revision ${revision} now. Read it, then decide again.`;
  return opsProblem('changed-meanwhile', detail, { headers: { ETag: `"${revision}"` } });
}

function phasePassed({ phase }: RoomReport, request: RoomRequest): OpsAnswer | null {
  if (request.kind !== 'phase' || !isPhasePassed(phase, request.phase)) return null;
  return opsProblem('phase-passed', `The room is ${phase}; it cannot go back to ${request.phase}.`);
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function historyOperation(needs: ApiNeeds): Operation {
  return operation({
    ...{ name: 'getHistory', method: 'GET', path: `${roomPath}/history`, role: 'viewer' },
    summary: 'The room over the last minutes, a row every ten seconds.',
    query: z.strictObject({
      minutes: z.coerce.number(minutes).int(minutes).gte(1, minutes).lte(360, minutes).optional(),
    }),
    answers: [json(z.object({ room: z.string(), rows: z.array(z.looseObject({ atMs: z.number() })) }))],
    problems: ['room-unknown', 'store-unavailable'],
    run: ask =>
      withRoom(needs, ask, async room => {
        const rows = await rowsOf(needs, room.id, ask.query.minutes ?? 60);
        return jsonAnswer(200, { room: room.id, rows });
      }),
  });
}

async function rowsOf({ history, nowMs }: ApiNeeds, room: string, lastMinutes: number): Promise<readonly HistoryRow[]> {
  return mergeSamples(await history.since(room, nowMs() - lastMinutes * 60_000));
}

function reportOperations(needs: ApiNeeds): readonly Operation[] {
  const answerOf = (part: 'html' | 'csv', contentType: string) => (ask: Ask) =>
    withRoom(needs, ask, async ({ id }) => textAnswer(200, (await needs.report(id))[part], contentType));
  return [
    operation({
      ...{ name: 'getReport', method: 'GET', path: `${roomPath}/report`, role: 'viewer' },
      summary: 'What became of the room over time, one HTML page that needs no server.',
      answers: [{ status: 200, contentType: 'text/html', schema: null }],
      problems: ['room-unknown', 'store-unavailable'],
      run: answerOf('html', 'text/html; charset=utf-8'),
    }),
    operation({
      ...{ name: 'getReportCsv', method: 'GET', path: `${roomPath}/report.csv`, role: 'viewer' },
      summary: 'The rows of the report as CSV.',
      answers: [{ status: 200, contentType: 'text/csv', schema: null }],
      problems: ['room-unknown', 'store-unavailable'],
      run: answerOf('csv', 'text/csv; charset=utf-8'),
    }),
  ];
}

/** How far back joins and stays are measured for a forecast. */
const measuredMinutes = 5;

function forecastOperation(needs: ApiNeeds): Operation {
  return operation({
    ...{ name: 'getForecast', method: 'GET', path: `${roomPath}/forecast`, role: 'viewer' },
    summary: 'What would happen to the line at another pace.',
    query: z.strictObject({ perMinute: z.coerce.number(perMinute).gt(0, perMinute).lte(1_000_000, perMinute) }),
    answers: [
      json(
        z.object({
          ...{ room: z.string(), pacePerMinute: z.number(), waiting: z.int() },
          ...{ joinsPerMinute: z.number(), admittedPerMinute: z.number(), isBoundByCap: z.boolean() },
          ...{ shorterPerMinute: z.number(), emptyInMs: z.number().nullable(), emptyAt: z.iso.datetime().nullable() },
        }),
      ),
    ],
    problems: ['room-unknown', 'store-unavailable'],
    run: ask =>
      withRoom(needs, ask, async room => {
        const [report, rows] = await Promise.all([room.report(), rowsOf(needs, room.id, measuredMinutes)]);
        const mean = (of: (row: HistoryRow) => number): number =>
          rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
        const joinsPerMinute = report.phase === 'open' ? mean(row => row.joinsPerMinute) : 0;
        const outcome = forecast({
          waiting: report.waiting,
          pacePerMinute: ask.query.perMinute,
          joinsPerMinute,
          activeCap: report.activeCap,
          meanStayMs: meanStayMs(
            mean(row => row.room.active),
            mean(row => row.admissionsPerMinute),
          ),
        });
        const { emptyInMs } = outcome;
        // Beyond the range of instants there is no time to name.
        const emptyAtMs = emptyInMs === null ? null : needs.nowMs() + emptyInMs;
        const emptyAt = emptyAtMs === null || emptyAtMs > 8.64e15 ? null : new Date(emptyAtMs).toISOString();
        const asked = { room: room.id, pacePerMinute: ask.query.perMinute, waiting: report.waiting, joinsPerMinute };
        return jsonAnswer(200, { ...asked, ...outcome, emptyAt });
      }),
  });
}
