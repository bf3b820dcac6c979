// The proof of a draw and the room facts around it: their types, and reading them from parsed JSON. Strict: a key too
// many or a digit in upper case is unreadable. Whether the proof is true is proof.ts's.

import { isHex } from './hex.ts';
import { drawnMax } from './permute.ts';
import type { AnnouncedRandomness, DrawRandomness } from './randomness.ts';
import { secretBytes } from './seed.ts';

/** What a room reveals after its draw. Hex in lower case, `startsAt` as RFC 3339 UTC with milliseconds. */
export type DrawProof = {
  readonly v: 1;
  readonly room: string;
  readonly startsAt: string;
  readonly commitment: string;
  readonly secret: string;
  readonly randomness: DrawRandomness;
  readonly drawn: number;
  readonly seed: string;
};

/** The part of the room facts that a proof is checked against. `startsAt` is null where the facts name none. */
export type DrawFacts = {
  readonly room: string;
  readonly startsAt: string | null;
  readonly commitment: string;
  /** What the room announces before the start; null where the facts do not say. */
  readonly announced: AnnouncedRandomness | null;
  readonly drawn: number | null;
  readonly proof: DrawProof | null;
};

export type ReadFacts =
  | { readonly kind: 'read'; readonly facts: DrawFacts }
  | { readonly kind: 'unreadable'; readonly detail: string };

const hashBytes = 32;
const textLengthMax = 1_000;

/** Reads the body of the room facts as fetched. The detail names the first thing that is wrong and where. */
export function readDrawFacts(body: unknown): ReadFacts {
  try {
    return { kind: 'read', facts: factsIn(body) };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unreadable', detail: error.message };
    throw error;
  }
}

/** Ends the reading at the first problem; never leaves this file. */
class Unreadable extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function factsIn(body: unknown): DrawFacts {
  const facts = fieldsOf(body, 'the room facts');
  if (facts['draw'] === null) throw new Unreadable('draw is null: this room has no draw');
  const draw = fieldsOf(facts['draw'], 'draw');
  refuseOtherKeys(draw, 'draw', ['commitment', 'announced', 'drawn', 'proof']);
  return {
    room: textIn(facts, 'room', ''),
    startsAt: facts['startsAt'] === null ? null : instantIn(facts, 'startsAt', ''),
    commitment: hexIn(draw, 'commitment', 'draw.', [hashBytes]),
    announced: draw['announced'] === undefined ? null : announcedIn(draw['announced'], 'draw.announced'),
    drawn: draw['drawn'] === null ? null : wholeIn(draw, 'drawn', 'draw.', 0, drawnMax),
    proof: draw['proof'] === null ? null : proofIn(fieldsOf(draw['proof'], 'draw.proof')),
  };
}

function proofIn(proof: Fields): DrawProof {
  const at = 'draw.proof.';
  if (proof['v'] !== 1) throw new Unreadable(`draw.proof.v must be 1, not ${shown(proof['v'])}`);
  refuseOtherKeys(proof, 'draw.proof', [
    'v',
    'room',
    'startsAt',
    'commitment',
    'secret',
    'randomness',
    'drawn',
    'seed',
  ]);
  return {
    v: 1,
    room: textIn(proof, 'room', at),
    startsAt: instantIn(proof, 'startsAt', at),
    commitment: hexIn(proof, 'commitment', at, [hashBytes]),
    secret: hexIn(proof, 'secret', at, [secretBytes]),
    randomness: randomnessIn(fieldsOf(proof['randomness'], 'draw.proof.randomness')),
    drawn: wholeIn(proof, 'drawn', at, 0, drawnMax),
    seed: hexIn(proof, 'seed', at, [hashBytes]),
  };
}

function randomnessIn(randomness: Fields): DrawRandomness {
  const path = 'draw.proof.randomness';
  const at = `${path}.`;
  switch (randomness['kind']) {
    case 'drand': {
      refuseOtherKeys(randomness, path, ['kind', 'chain', 'round', 'signature', 'previousSignature']);
      const round = {
        kind: 'drand' as const,
        chain: hexIn(randomness, 'chain', at, [hashBytes]),
        round: wholeIn(randomness, 'round', at, 1, Number.MAX_SAFE_INTEGER),
        signature: hexIn(randomness, 'signature', at, [48, 96]),
      };
      if (randomness['previousSignature'] === undefined) return round;
      return { ...round, previousSignature: hexIn(randomness, 'previousSignature', at, [hashBytes, 96]) };
    }
    case 'figure':
      refuseOtherKeys(randomness, path, ['kind', 'named', 'value']);
      return { kind: 'figure', named: textIn(randomness, 'named', at), value: textIn(randomness, 'value', at) };
    case 'none':
      refuseOtherKeys(randomness, path, ['kind', 'announced']);
      if (randomness['announced'] === undefined) return { kind: 'none' };
      return { kind: 'none', announced: fallenBackFrom(announcedIn(randomness['announced'], `${at}announced`), at) };
    default:
      throw new Unreadable(`${at}kind must be "drand", "figure" or "none", not ${shown(randomness['kind'])}`);
  }
}

/** Only what was announced can fail to come. */
function fallenBackFrom(announced: AnnouncedRandomness, at: string): AnnouncedRandomness {
  if (announced.kind === 'none') throw new Unreadable(`${at}announced.kind must be "drand" or "figure", not "none"`);
  return announced;
}

function announcedIn(value: unknown, path: string): AnnouncedRandomness {
  const announced = fieldsOf(value, path);
  switch (announced['kind']) {
    case 'drand':
      refuseOtherKeys(announced, path, ['kind', 'chain']);
      return { kind: 'drand', chain: hexIn(announced, 'chain', `${path}.`, [hashBytes]) };
    case 'figure':
      refuseOtherKeys(announced, path, ['kind', 'named']);
      return { kind: 'figure', named: textIn(announced, 'named', `${path}.`) };
    case 'none':
      refuseOtherKeys(announced, path, ['kind']);
      return { kind: 'none' };
    default:
      throw new Unreadable(`${path}.kind must be "drand", "figure" or "none", not ${shown(announced['kind'])}`);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown, path: string): Fields {
  if (!isFields(value)) throw new Unreadable(`${path} must be an object, not ${shown(value)}`);
  return value;
}

function refuseOtherKeys(fields: Fields, path: string, keys: readonly string[]): void {
  const other = Object.keys(fields).find(key => !keys.includes(key));
  if (other !== undefined) throw new Unreadable(`${path} must not have the key ${shown(other)}`);
}

function textIn(fields: Fields, key: string, at: string): string {
  const value = fields[key];
  if (typeof value === 'string' && value.length > 0 && value.length <= textLengthMax && value.isWellFormed()) {
    return value;
  }
  throw new Unreadable(`${at}${key} must be a text of 1 to ${textLengthMax} characters, not ${shown(value)}`);
}

function hexIn(fields: Fields, key: string, at: string, byteCounts: readonly number[]): string {
  const value = fields[key];
  if (typeof value === 'string' && byteCounts.some(count => isHex(value, count))) return value;
  const digits = byteCounts.map(count => count * 2).join(' or ');
  throw new Unreadable(`${at}${key} must be ${digits} hex digits in lower case, not ${shown(value)}`);
}

function wholeIn(fields: Fields, key: string, at: string, min: number, max: number): number {
  const value = fields[key];
  // Minus zero is JSON too, and not what anybody counts.
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max && !Object.is(value, -0)) {
    return value;
  }
  throw new Unreadable(`${at}${key} must be a whole number from ${min} to ${max}, not ${shown(value)}`);
}

function instantIn(fields: Fields, key: string, at: string): string {
  const value = fields[key];
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (typeof value === 'string' && Number.isFinite(atMs) && new Date(atMs).toISOString() === value) return value;
  throw new Unreadable(`${at}${key} must be as in "2027-05-09T01:00:00.000Z", not ${shown(value)}`);
}

/** Never looks inside: what is nested deep enough would end the check instead of being refused. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return (JSON.stringify(value) ?? typeof value).slice(0, 80);
}
