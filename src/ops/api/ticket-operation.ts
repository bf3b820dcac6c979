// Looks a ticket up by the code that a fan reads to support. Finding out where it stands is the room's.
import * as z from 'zod';
import { deviceStates } from '../../page/status.ts';
import { numberOfCode } from '../../page/ticket-code.ts';
import { jsonAnswer, opsProblem } from '../ops-problem.ts';
import type { ApiNeeds } from './api-needs.ts';
import { shown } from './check-body.ts';
import { json, type Operation, operation } from './operation.ts';
import { withRoom } from './room-operations.ts';

const seconds = z.number().gte(0);

export const ticketShape = z
  .object({
    room: z.string(),
    code: z.string().meta({ description: 'As the page shows it.' }),
    number: z.int().gte(0).meta({ description: 'The arrival number.' }),
    state: z.enum(deviceStates).meta({ description: '`left`: its turn is over.' }),
    isDrawn: z.boolean().nullable().meta({ description: 'It came before the draw; null before the start.' }),
    place: z.int().gte(0).nullable().meta({ description: 'Null until the draw.' }),
    ahead: z.int().gte(0).nullable(),
    etaSeconds: z.tuple([seconds, seconds]).nullable(),
    present: z.boolean().meta({ description: 'It follows the line, or stopped to less than the grace time ago.' }),
    claimBy: z.iso.datetime().nullable().meta({ description: 'While it is called.' }),
    passEndsAt: z.iso.datetime().nullable().meta({ description: 'While it has a pass.' }),
    checking: z.boolean(),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'Ticket' });

/** PG140. */
export function ticketOperation(needs: ApiNeeds): Operation {
  return operation({
    ...{ name: 'getTicket', method: 'GET', path: '/api/v1/rooms/{room}/tickets/{code}', role: 'viewer' },
    summary: 'Where the ticket stands whose code a fan reads from the page, as in 18204B.',
    answers: [json(ticketShape)],
    problems: ['room-unknown', 'ticket-unknown', 'invalid-value', 'store-unavailable'],
    run: ask =>
      withRoom(needs, ask, async room => {
        const code = ask.params['code'] ?? '';
        const number = numberOfCode(code);
        if (number === null) {
          const detail = `${shown(code)} is no ticket code: the number and its letter do not belong together. Ask for it again.`;
          return opsProblem('invalid-value', detail, { problems: [{ field: 'code', detail: 'is misread' }] });
        }
        const report = await room.ticket(number);
        if (report !== null) return jsonAnswer(200, report);
        return opsProblem('ticket-unknown', `The room ${room.id} has never handed out the number ${number}.`);
      }),
  });
}
