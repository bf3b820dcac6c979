// What an operator may set in a room: the shape of each body, and the request to the caller that it becomes.
// Whether the room accepts it is decided by the caller.
import * as z from 'zod';
import type { RoomRequest } from '../queue/answer-request.ts';
import { phases } from '../queue/room-change.ts';
import type { FieldProblem } from './ops-problem.ts';

export const messageCharactersMax = 500;
const pacePerMinuteMax = 1_000_000;
/** One device in two years. Below it the interval between two devices is no number to reckon with. */
const pacePerMinuteMin = 0.000_001;
const activeCapMax = 10_000_000;

/** The wording of every problem with one field: what was expected, and what was given. */
const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    input === undefined ? `is required: ${what}` : `must be ${what}, not ${shown(input)}`,
});

const pace = expected('a number above 0 and at most 1000000, as in 600 or 0.5');
const cap = expected('a whole number from 0 to 10000000');
const figureLengthMax = 200;
const figure = expected(`a text of 1 to ${figureLengthMax} characters without blanks around it, as in "39,141.58"`);
const message = expected(`a text of at most ${messageCharactersMax} characters, or null to take the message away`);

const messageText = z
  .string(message)
  .refine(text => text.trim() !== '', { error: 'is empty: give a text, or null to take the message away' })
  .refine(text => [...text].length <= messageCharactersMax, {
    error: ({ input }) => `must have at most ${messageCharactersMax} characters, not ${[...String(input)].length}`,
  })
  .refine(text => !unprintable.test(text) && text.isWellFormed(), {
    error: 'must be one line without control characters and without marks that turn the direction of writing',
  });

/** Control characters, line and paragraph separators, and marks that turn the direction of what follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** DR24. The value goes into the seed as it is given. */
const figureText = z
  .string(figure)
  .refine(text => text !== '' && text === text.trim() && text.length <= figureLengthMax, figure)
  .refine(text => !unprintable.test(text) && text.isWellFormed(), {
    error: 'must be one line without control characters and without marks that turn the direction of writing',
  });

/** OP8. The body of each write. */
const schemas = {
  pace: z.strictObject({ perMinute: z.number(pace).gte(pacePerMinuteMin, pace).lte(pacePerMinuteMax, pace) }),
  cap: z.strictObject({ active: z.int(cap).gte(0, cap).lte(activeCapMax, cap) }),
  pause: z.strictObject({}),
  resume: z.strictObject({}),
  message: z.strictObject({ text: messageText.nullable() }),
  phase: z.strictObject({ phase: z.enum(phases, expected(`one of ${phases.join(', ')}`)) }),
  'draw/figure': z.strictObject({ value: figureText }),
};

export type WriteName = keyof typeof schemas;

export const writeMethods = {
  pace: 'PUT',
  cap: 'PUT',
  pause: 'POST',
  resume: 'POST',
  message: 'POST',
  phase: 'PUT',
  'draw/figure': 'PUT',
} as const satisfies Record<WriteName, string>;

export const isWriteName = (name: string): name is WriteName => Object.hasOwn(schemas, name);

export type ReadWrite =
  | { readonly kind: 'ok'; readonly request: RoomRequest }
  | { readonly kind: 'refused'; readonly problems: readonly FieldProblem[] };

/** The request that a body asks for, or each field that is wrong. */
export function readWrite(name: WriteName, body: unknown): ReadWrite {
  switch (name) {
    case 'pace':
      return read(schemas.pace, body, ({ perMinute }) => settings({ pacePerMinute: perMinute }));
    case 'cap':
      return read(schemas.cap, body, ({ active }) => settings({ activeCap: active }));
    case 'message':
      return read(schemas.message, body, ({ text }) => settings({ message: text }));
    case 'pause':
      return read(schemas.pause, body, () => ({ kind: 'hold', hold: 'paused', on: true }));
    case 'resume':
      return read(schemas.resume, body, () => ({ kind: 'hold', hold: 'paused', on: false }));
    case 'phase':
      return read(schemas.phase, body, ({ phase }) => ({ kind: 'phase', phase }));
    case 'draw/figure':
      return read(schemas['draw/figure'], body, ({ value }) => ({ kind: 'figure', value }));
  }
}

function settings(set: Extract<RoomRequest, { kind: 'settings' }>['settings']): RoomRequest {
  return { kind: 'settings', settings: set };
}

function read<T>(schema: z.ZodObject & z.ZodType<T>, body: unknown, toRequest: (value: T) => RoomRequest): ReadWrite {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { kind: 'ok', request: toRequest(parsed.data) };
  const known = Object.keys(schema.shape).join(', ') || 'none';
  const byField = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) byField.set(key.slice(0, 80), `is not a known key; known: ${known}`);
    } else if (issue.path.length === 0) {
      byField.set('', `the body must be a JSON object, not ${shown(body)}; known keys: ${known}`);
    } else {
      const field = issue.path.join('.');
      if (!byField.has(field)) byField.set(field, issue.message);
    }
  }
  return { kind: 'refused', problems: [...byField].map(([field, detail]) => ({ field, detail })) };
}

function shown(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'an object';
  return typeof input === 'string' ? `the text ${JSON.stringify(input.slice(0, 60))}` : String(input);
}
