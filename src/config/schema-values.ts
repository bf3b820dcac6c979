// Building blocks of the schema: texts that a reader turns into values, numbers with bounds, all with a description
// for the editor. What the keys are is in schema.ts and schema-room.ts.
import * as z from 'zod';
import { bareNumber, durationPattern, parseDuration } from './duration.ts';
import { instantPattern, parseInstant } from './instant.ts';
import type { Parsed } from './parsed.ts';

interface TextOptions {
  readonly pattern?: string;
  readonly examples?: readonly string[];
  /** The message for a value that is not a text; undefined leaves it to the common one. */
  readonly notText?: (input: unknown) => string | undefined;
}

export function text<T>(description: string, read: (text: string) => Parsed<T>, options: TextOptions = {}) {
  const { pattern, examples, notText } = options;
  const bare = z.string({ error: issue => notText?.(issue.input) });
  return bare
    .meta({ ...(pattern && { pattern }), ...(examples && { examples: [...examples] }) })
    .transform((value, context): T => {
      const outcome = read(value);
      if (outcome.kind === 'ok') return outcome.value;
      context.addIssue({ code: 'custom', message: outcome.message });
      return z.NEVER;
    })
    .meta({ description });
}

/** A duration of the product: at least one second. */
export const duration = (description: string) =>
  text(description, value => parseDuration(value, 1_000), {
    pattern: durationPattern,
    examples: ['90s', '5m', '1h30m'],
    notText: input => (typeof input === 'number' ? bareNumber(input) : undefined),
  });

export const instant = (description: string) =>
  text(description, parseInstant, { pattern: instantPattern, examples: ['2027-05-09T10:00:00+09:00'] });

export const whole = (description: string, least: number, most: number) =>
  z.int().min(least).max(most).meta({ description });

export const flag = (description: string) => z.boolean().meta({ description });

export const plain = (description: string, lengthMax: number) => z.string().min(1).max(lengthMax).meta({ description });
