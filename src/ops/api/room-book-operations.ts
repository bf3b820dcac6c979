// The operations that make, change and take away rooms at run time, and say which rooms the file has.
import * as z from 'zod';
import { emptyAnswer, jsonAnswer, type OpsAnswer, opsProblem } from '../ops-problem.ts';
import type { ApiNeeds } from './api-needs.ts';
import { type Ask, json, nothing, type Operation, operation } from './operation.ts';
import type { BookOutcome } from './room-book.ts';
import { reason } from './texts.ts';

const path = '/api/v1/configuration/rooms';
const bookedShape = z.object({
  ...{ id: z.string(), source: z.enum(['file', 'api']), configuration: z.unknown() },
  version: z
    .int()
    .gte(0)
    .meta({ description: 'Its quoted form is the ETag; that of a room that there is not is "0".' }),
});

export function roomBookOperations(needs: ApiNeeds): readonly Operation[] {
  const { book } = needs;
  return [
    operation({
      ...{ name: 'listConfiguredRooms', method: 'GET', path, role: 'viewer' },
      summary: 'The configuration of every room, and whether it stands in the file or was made at run time.',
      answers: [json(z.object({ rooms: z.array(bookedShape), schema: z.unknown() }))],
      run: async () => jsonAnswer(200, { rooms: book.list(), schema: book.schema }),
    }),
    operation({
      ...{ name: 'putRoom', method: 'PUT', path: `${path}/{room}`, role: 'admin' },
      summary: 'Make a room, or change one that was made at run time; at all gateways within a second.',
      body: z.strictObject({
        configuration: z
          .record(z.string(), z.unknown())
          .meta({ description: 'As an entry of `rooms` in the configuration file; its id is the one of the address.' }),
        reason,
      }),
      answers: [json(bookedShape), json(bookedShape, 201)],
      problems: ['not-possible-now', 'store-unavailable'],
      isVersioned: true,
      async run(ask) {
        const id = ask.params['room'] ?? '';
        const { configuration, reason: why = null } = ask.body;
        const outcome = await audited(needs, ask, { what: 'putRoom', why, after: configuration }, () =>
          book.put(id, configuration, ask.ifRevision),
        );
        if (outcome.kind !== 'done') return refusalOf(outcome);
        const { created, version } = outcome;
        const answer = jsonAnswer(created ? 201 : 200, { id, source: 'api', configuration, version });
        return { ...answer, headers: { ...answer.headers, ETag: `"${version}"` } };
      },
    }),
    operation({
      ...{ name: 'removeRoom', method: 'DELETE', path: `${path}/{room}`, role: 'admin' },
      summary:
        'Take away a room that was made at run time and has ended. Its line and history stay in the store: another of the same id has them again.',
      answers: [nothing],
      problems: ['not-possible-now', 'store-unavailable'],
      isVersioned: true,
      async run(ask) {
        const outcome = await audited(needs, ask, { what: 'removeRoom', why: null, after: null }, () =>
          book.remove(ask.params['room'] ?? '', ask.ifRevision),
        );
        return outcome.kind === 'done' ? emptyAnswer : refusalOf(outcome);
      },
    }),
  ];
}

async function audited(
  { audit, book }: ApiNeeds,
  { operator, params }: Pick<Ask, 'operator' | 'params'>,
  deed: { readonly what: string; readonly why: string | null; readonly after: unknown },
  act: () => Promise<BookOutcome>,
): Promise<BookOutcome> {
  const room = params['room'] ?? '';
  const before = book.list().find(({ id }) => id === room)?.configuration ?? null;
  const failed = (outcome: BookOutcome) => {
    if (outcome.kind === 'done') return null;
    if (outcome.kind === 'changed-meanwhile') return 'the room had changed';
    return outcome.kind === 'refused' ? outcome.reason : 'the configuration was not valid';
  };
  return audit.write({ operator, room: room.slice(0, 80), before, ...deed }, act, failed, async outcome =>
    outcome.kind === 'done' ? outcome.before : undefined,
  );
}

function refusalOf(outcome: Exclude<BookOutcome, { kind: 'done' }>): OpsAnswer {
  if (outcome.kind === 'changed-meanwhile') {
    return opsProblem('changed-meanwhile', 'Somebody else has changed this room since. Read it, then decide again.');
  }
  if (outcome.kind === 'refused') return opsProblem('not-possible-now', `${outcome.reason}.`);
  const detail = outcome.problems
    .map(({ field, detail: text }) => (field === '' ? text : `${field}: ${text}`))
    .join('; ');
  return opsProblem('invalid-value', `${detail}.`, { problems: outcome.problems });
}
