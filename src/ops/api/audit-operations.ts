// The operations on the audit trail: a page of it, and the whole.
import * as z from 'zod';
import { auditRecordsMax } from '../audit-log.ts';
import type { Operator } from '../operator.ts';
import { jsonAnswer, pagedAnswer } from '../ops-problem.ts';
import type { ApiNeeds } from './api-needs.ts';
import { expected } from './check-body.ts';
import { json, type Operation, operation } from './operation.ts';
import { auditRecordShape } from './shapes.ts';

const limitText = expected('a whole number from 1 to 1000');
const position = expected('a position, as the record before has it');

export function auditOperations({ audit }: ApiNeeds): readonly Operation[] {
  return [
    operation({
      ...{ name: 'readAudit', method: 'GET', path: '/api/v1/audit', role: 'viewer' },
      summary: 'The audit trail, newest first.',
      query: z.strictObject({
        limit: z.coerce.number(limitText).int(limitText).gte(1, limitText).lte(1_000, limitText).optional(),
        before: z.coerce.number(position).int(position).gte(0, position).optional(),
      }),
      answers: [json(z.object({ records: z.array(auditRecordShape) }))],
      problems: ['store-unavailable'],
      run: async ({ query }) =>
        jsonAnswer(200, { records: await audit.read(query.before ?? null, query.limit ?? 100) }),
    }),
    operation({
      ...{ name: 'exportAudit', method: 'GET', path: '/api/v1/audit/export', role: 'viewer' },
      summary: `The whole audit trail as JSON lines, newest first; the last ${auditRecordsMax} records are kept.`,
      answers: [{ status: 200, contentType: 'application/x-ndjson', schema: null }],
      problems: ['store-unavailable'],
      async run({ operator }) {
        const pages = audit.exportPages();
        // A store that is away is answered as such; later there is only the end of the connection.
        const first = await pages.next();
        return pagedAnswer('application/x-ndjson', whileValid(operator, first, pages));
      },
    }),
  ];
}

/** A revoked token ends what was opened with it. */
async function* whileValid(
  { isValid, name }: Operator,
  first: IteratorResult<string, void>,
  pages: AsyncIterable<string>,
): AsyncGenerator<string, void> {
  if (first.done !== true) yield first.value;
  for await (const page of pages) {
    if (!isValid()) throw new Error(`the credential of ${name} ended during an export`);
    yield page;
  }
}
