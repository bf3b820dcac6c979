// What an operator may send to change a room: the shape of each body. What a body asks for is left to others.
import * as z from 'zod';
import { numberOfCode } from '../page/ticket-code.ts';
import { autopilotModes } from '../queue/autopilot-rules.ts';
import { phases } from '../queue/room-change.ts';
import { expected } from './api/check-body.ts';
import { instantText, languageTag, line, messageText, reason } from './api/texts.ts';

const pacePerMinuteMax = 1_000_000;
/** One device in two years. Below it the interval between two devices is no number to reckon with. */
const pacePerMinuteMin = 0.000_001;
const activeCapMax = 10_000_000;
const languagesMax = 40;
const stockItemsMax = 50;
const figureLengthMax = 200;

const pace = expected('a number above 0 and at most 1000000, as in 600 or 0.5');
const cap = expected('a whole number from 0 to 10000000');
const remaining = expected('a whole number from 0 to 1000000000, or null where it is not known');

const messages = z
  .record(languageTag, messageText)
  .refine(texts => Object.keys(texts).length >= 1 && Object.keys(texts).length <= languagesMax, {
    error: `must have 1 to ${languagesMax} languages`,
  })
  .meta({ minProperties: 1, maxProperties: languagesMax });

const stockItem = z.strictObject({
  name: line('a text of 1 to 80 characters', 80),
  remaining: z.int(remaining).gte(0, remaining).lte(1_000_000_000, remaining).nullable(),
});

const percent = expected('a number from 1 to 100');
const latency = expected('a number of milliseconds from 10 to 600000, or null to have it learned');
const ticketCode = expected('a ticket as its page shows it, as in "18204B", or its number, as a text');
const tickets = z
  .array(
    z
      .string(ticketCode)
      .regex(/^\d{1,15}-?[A-Za-z]?$/, ticketCode)
      .refine(text => numberOfTicket(text) !== null, ticketCode),
  )
  .min(1)
  .max(1_000)
  .meta({ description: 'Tickets as their pages show them, or their numbers.' });

/** PG141. The letter of a code, where there is one, must be the right one. */
export function numberOfTicket(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : numberOfCode(text);
}

/** OP8. The body of each write. */
export const writeBodies = {
  pace: z.strictObject({ perMinute: z.number(pace).gte(pacePerMinuteMin, pace).lte(pacePerMinuteMax, pace), reason }),
  cap: z.strictObject({ active: z.int(cap).gte(0, cap).lte(activeCapMax, cap), reason }),
  pause: z.strictObject({ reason }),
  resume: z.strictObject({ reason }),
  message: z.strictObject({
    text: messageText.nullable().optional().meta({ description: 'One text for all; null takes the message away.' }),
    texts: messages.optional().meta({ description: 'A text for each language tag, in place of `text`.' }),
    reason,
  }),
  stock: z.strictObject({
    items: z
      .array(stockItem)
      .max(stockItemsMax)
      .nullable()
      .meta({ description: 'What is left in the shop; null says nothing about it.' }),
    reason,
  }),
  schedule: z.strictObject({
    opensAt: instantText('an instant').nullable().optional(),
    startsAt: instantText('an instant').nullable().optional(),
    endsAt: instantText('an instant').nullable().optional(),
    reason,
  }),
  phase: z.strictObject({ phase: z.enum(phases, expected(`one of ${phases.join(', ')}`)), reason }),
  drain: z.strictObject({ on: z.boolean(expected('true or false')), reason }),
  shop: z.strictObject({
    failing: z.boolean(expected('true or false')).meta({ description: 'True: nobody is let in and all clocks stand.' }),
    reason,
  }),
  'let-in': z.strictObject({ tickets, reason }),
  revoke: z.strictObject({ tickets, reason }),
  autopilot: z.strictObject({
    mode: z.enum(autopilotModes, expected(`one of ${autopilotModes.join(', ')}`)).optional(),
    minPerMinute: z.number(pace).gte(pacePerMinuteMin, pace).lte(pacePerMinuteMax, pace).optional(),
    maxPerMinute: z.number(pace).gte(pacePerMinuteMin, pace).lte(pacePerMinuteMax, pace).optional(),
    stepPercent: z.number(percent).gte(1, percent).lte(100, percent).optional(),
    latencyTargetMs: z.number(latency).gte(10, latency).lte(600_000, latency).nullable().optional(),
    reason,
  }),
  'draw/figure': z.strictObject({
    // DR24. The value goes into the seed as it is given.
    value: line(
      `a text of 1 to ${figureLengthMax} characters without blanks around it, as in "39,141.58"`,
      figureLengthMax,
    ),
    reason,
  }),
};

export type WriteName = keyof typeof writeBodies;
export const writeNames = Object.keys(writeBodies).filter(isWriteName);

function isWriteName(name: string): name is WriteName {
  return Object.hasOwn(writeBodies, name);
}

/** Why the operator does it, as the body says. */
export function reasonOf(body: unknown): string | null {
  return typeof body === 'object' && body !== null && 'reason' in body && typeof body.reason === 'string'
    ? body.reason
    : null;
}
