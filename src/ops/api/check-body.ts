// Words what is wrong with a body or a query, one problem a field: what was expected, and what was given.
import * as z from 'zod';
import type { FieldProblem } from '../ops-problem.ts';

/** Null: nothing is wrong. */
export function problemsWith(schema: z.ZodType, value: unknown): readonly FieldProblem[] | null {
  const parsed = schema.safeParse(value);
  if (parsed.success) return null;
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') || 'none' : 'none';
  const byField = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) byField.set(key.slice(0, 80), `is not a known key; known: ${known}`);
    } else if (issue.path.length === 0) {
      byField.set('', `the body must be a JSON object, not ${shown(value)}; known keys: ${known}`);
    } else {
      const field = issue.path.map(String).join('.').slice(0, 200);
      if (!byField.has(field)) byField.set(field, issue.message);
    }
  }
  return [...byField].map(([field, detail]) => ({ field, detail }));
}

/** The wording of every problem with one field. */
export const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    input === undefined ? `is required: ${what}` : `must be ${what}, not ${shown(input)}`,
});

export function shown(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'an object';
  return typeof input === 'string' ? `the text ${JSON.stringify(input.slice(0, 60))}` : String(input);
}
