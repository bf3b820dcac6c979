// What an operator may set in a room: the shape of each body, the request to the caller that it becomes, and what of the
// room it changes. Whether the room accepts it is decided by the caller.
import * as z from 'zod';
import { numberOfCode } from '../page/ticket-code.ts';
import type { RoomRequest } from '../queue/answer-request.ts';
import { autopilotModes } from '../queue/autopilot-rules.ts';
import { type OperatorMessage, phases } from '../queue/room-change.ts';
import { expected } from './api/check-body.ts';
import { instantText, languageTag, line, messageText, reason } from './api/texts.ts';
import type { Role } from './operator.ts';
import type { RoomReport } from './room-report.ts';

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
function numberOfTicket(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : numberOfCode(text);
}

/** OP8. The body of each write. */
const schemas = {
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

/** OP227. A text in each language as long as it may be, each character written as two escapes of UTF-16. */
const messageBytesMax = 256 * 1024;

export type WriteName = keyof typeof schemas;
export const writeNames = Object.keys(schemas).filter(isWriteName);

type Shown = keyof RoomReport;
type WriteFacts = {
  readonly method: 'PUT' | 'POST';
  /** The operation's name. */
  readonly name: string;
  readonly role: Role;
  readonly summary: string;
  /** What of the report it changes: for the audit trail. */
  readonly shows: readonly Shown[];
  /** How long the body may be, where the usual bound is too little. */
  readonly bodyBytesMax?: number;
};

const operator = 'operator';

export const writes: Readonly<Record<WriteName, WriteFacts>> = {
  pace: { method: 'PUT', name: 'setPace', role: operator, summary: 'Set the pace.', shows: ['pacePerMinute'] },
  cap: { method: 'PUT', name: 'setCap', role: operator, summary: 'Set the active cap.', shows: ['activeCap'] },
  pause: {
    method: 'POST',
    name: 'pause',
    role: operator,
    summary: 'Pause: nobody is called or let in.',
    shows: ['paused'],
  },
  resume: { method: 'POST', name: 'resume', role: operator, summary: 'End the pause.', shows: ['paused'] },
  message: {
    ...{ method: 'POST', name: 'setMessage', role: operator, summary: 'Tell everybody in line something.' },
    shows: ['message', 'messages'],
    bodyBytesMax: messageBytesMax,
  },
  stock: {
    ...{ method: 'PUT', name: 'setStock', role: operator, summary: 'Say what is left in the shop.' },
    shows: ['stock'],
  },
  schedule: {
    ...{ method: 'PUT', name: 'setSchedule', role: operator },
    summary: 'Move the times of the room; null goes back to the file, what is absent stays.',
    shows: ['opensAt', 'startsAt', 'endsAt'],
  },
  phase: {
    ...{ method: 'PUT', name: 'setPhase', role: operator, shows: ['phase'] },
    summary: 'Open the lobby, start or end by hand what the times would do by themselves.',
  },
  drain: {
    ...{ method: 'POST', name: 'drain', role: operator, shows: ['draining'] },
    summary: 'Call nobody new; who is called or inside goes on. `on: false` ends it.',
  },
  shop: {
    ...{ method: 'PUT', name: 'setShop', role: operator, shows: ['shopFailing'] },
    summary: 'Say that the shop is failing: nobody is let in, and the clocks of calls and passes stand still.',
  },
  'let-in': {
    ...{ method: 'POST', name: 'letIn', role: operator, shows: [] },
    summary: 'Call these tickets now, whatever their place; they are first at the gate, within pace and cap.',
  },
  revoke: {
    ...{ method: 'POST', name: 'revokePasses', role: operator, shows: ['active'] },
    summary: 'Take the passes of these tickets away.',
  },
  autopilot: {
    ...{ method: 'PUT', name: 'setAutopilot', role: operator, shows: ['autopilot'] },
    summary: 'Switch the autopilot, or set its bounds, step and target; what is absent stays.',
  },
  'draw/figure': {
    ...{ method: 'PUT', name: 'enterFigure', role: operator, shows: [] },
    summary: 'Enter the announced public figure of the draw.',
  },
};

export function isWriteName(name: string): name is WriteName {
  return Object.hasOwn(schemas, name);
}

export const writeSchema = (name: WriteName): z.ZodType => schemas[name];

/** The request that a checked body asks for, or why it makes no sense. */
export function requestOf(
  name: WriteName,
  body: unknown,
): RoomRequest | { readonly kind: 'senseless'; readonly why: string } {
  switch (name) {
    case 'pace':
      return settings({ pacePerMinute: schemas.pace.parse(body).perMinute });
    case 'cap':
      return settings({ activeCap: schemas.cap.parse(body).active });
    case 'message':
      return messageRequest(schemas.message.parse(body));
    case 'stock':
      return settings({ stock: schemas.stock.parse(body).items });
    case 'schedule':
      return scheduleRequest(schemas.schedule.parse(body));
    case 'pause':
      return { kind: 'hold', hold: 'paused', on: true };
    case 'resume':
      return { kind: 'hold', hold: 'paused', on: false };
    case 'phase':
      return { kind: 'phase', phase: schemas.phase.parse(body).phase };
    case 'drain':
      return settings({ draining: schemas.drain.parse(body).on });
    case 'shop':
      return { kind: 'hold', hold: 'shop-down', on: schemas.shop.parse(body).failing };
    case 'let-in':
    case 'revoke':
      return {
        kind: name,
        places: schemas[name].parse(body).tickets.flatMap(ticket => numberOfTicket(ticket) ?? []),
      };
    case 'autopilot':
      return autopilotRequest(schemas.autopilot.parse(body));
    case 'draw/figure':
      return { kind: 'figure', value: schemas['draw/figure'].parse(body).value };
  }
}

/** Why the operator does it, as the body says. */
export function reasonOf(body: unknown): string | null {
  return typeof body === 'object' && body !== null && 'reason' in body && typeof body.reason === 'string'
    ? body.reason
    : null;
}

type Settings = Extract<RoomRequest, { kind: 'settings' }>['settings'];
const settings = (set: Settings): RoomRequest => ({ kind: 'settings', settings: set });
const senseless = (why: string) => ({ kind: 'senseless', why }) as const;

function messageRequest({ text, texts }: z.output<typeof schemas.message>) {
  if (text !== undefined && texts !== undefined) return senseless('text and texts are both given: keep one of them');
  const message: OperatorMessage | null | undefined = texts ?? text;
  if (message === undefined) {
    return senseless('text is required: a text of at most 500 characters, or null to take the message away');
  }
  return settings({ message });
}

function autopilotRequest({ reason: _reason, ...given }: z.output<typeof schemas.autopilot>) {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(set).length === 0) {
    return senseless('one of mode, minPerMinute, maxPerMinute, stepPercent, latencyTargetMs is required');
  }
  return settings({ autopilot: set });
}

function scheduleRequest({ opensAt, startsAt, endsAt }: z.output<typeof schemas.schedule>) {
  if (opensAt === undefined && startsAt === undefined && endsAt === undefined) {
    return senseless('one of opensAt, startsAt, endsAt is required');
  }
  return settings({
    ...(opensAt !== undefined && { opensAtMs: instantOf(opensAt) }),
    ...(startsAt !== undefined && { startsAtMs: instantOf(startsAt) }),
    ...(endsAt !== undefined && { endsAtMs: instantOf(endsAt) }),
  });
}

const instantOf = (text: string | null): number | null => (text === null ? null : Date.parse(text));
