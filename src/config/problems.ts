// What is wrong with a configuration, each problem with its path; and the translation of zod's issues into them.
import * as z from 'zod';
import { didYouMean } from './nearest.ts';

export interface Problem {
  /** "rooms[0].pacePerMinute", a variable's name, or "" for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export const showProblem = ({ path, message }: Problem): string => (path === '' ? message : `${path}: ${message}`);

/** For people: one line of what file it is about, then a line for each problem. */
export function showProblems(source: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [`${source}: ${count}`, ...problems.map(problem => `  ${showProblem(problem)}`)].join('\n');
}

export function showPath(keys: readonly PropertyKey[]): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`;
    else path += path === '' ? String(key) : `.${String(key)}`;
  }
  return path;
}

/** The wording of every refusal that the schema itself does not word. Passed to zod with each parse. */
export function wordIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return wordType(issue.expected, issue.input);
    case 'too_small':
      return wordSize('at least', issue.origin, issue.minimum, issue.input);
    case 'too_big':
      return wordSize('at most', issue.origin, issue.maximum, issue.input);
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}, not ${shown(issue.input)}`;
    case 'invalid_union':
      return wordChoice(issue);
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      return issue.keys.map(key => `is not a known key${didYouMean(key, known)}`).join('\n'); // A line for each key.
    }
    default:
      return undefined;
  }
}

export function problemsOf(error: z.core.$ZodError): Problem[] {
  return error.issues.flatMap(issue => {
    if (issue.code !== 'unrecognized_keys') return [{ path: showPath(issue.path), message: issue.message }];
    const lines = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      path: showPath([...issue.path, key]),
      message: lines[index] ?? issue.message,
    }));
  });
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
};

function wordType(expected: string, input: unknown): string {
  const name = typeNames[expected] ?? expected;
  if (input === undefined) return `is required: ${name}`;
  if (input === null) return `is empty: give it a value (${name}) or remove the key`;
  return `must be ${name}, not ${shown(input)}`;
}

function wordSize(bound: string, origin: string, size: number | bigint, input: unknown): string {
  if (origin === 'string') return `must have ${bound} ${size} character${size === 1 ? '' : 's'}`;
  if (origin === 'array') return `must have ${bound} ${size} entr${size === 1 ? 'y' : 'ies'}`;
  return `must be ${bound} ${size}, not ${shown(input)}`;
}

function wordChoice(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const { input, inst } = issue;
  const options = inst instanceof z.ZodDiscriminatedUnion ? inst.options : [];
  const kinds = options.flatMap(option => (option instanceof z.ZodObject ? literalsOf(option.shape.kind) : []));
  const kind = typeof input === 'object' && input !== null && 'kind' in input ? input.kind : undefined;
  return `${kind === undefined ? 'is required: one of' : 'must be one of'} ${kinds.join(', ')}`;
}

const literalsOf = (schema: unknown): string[] =>
  schema instanceof z.ZodLiteral ? [...schema.values].map(String) : [];

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'a mapping';
  if (input === undefined) return 'nothing';
  return typeof input === 'string' ? JSON.stringify(input.slice(0, 60)) : String(input);
}
