// What `verify-draw FILE [NUMBER]` says about saved room facts: an exit code and lines. Reading the file and printing
// are the command line's.

import { drandChains, type VerifyRound } from './drand-chain.ts';
import { verifyRound as verifyDrandRound } from './drand-round.ts';
import type { DrawProof } from './draw-proof.ts';
import { bytesOfHex } from './hex.ts';
import { placeOf } from './permute.ts';
import { checkProof } from './proof.ts';

export type DrawVerdict = {
  /** 0 honest, 1 not honest, 2 unreadable. */
  readonly exitCode: 0 | 1 | 2;
  readonly lines: readonly string[];
};

export type VerifyDrawOptions = {
  /** Says the place of this arrival number too; a number that was not drawn is unreadable (2). */
  readonly number?: number;
  /** Default: BLS by drand-round.ts. */
  readonly verifyRound?: VerifyRound;
};

/** Facts are a few KB; more than this is not read. */
export const bodyBytesMax = 1_000_000;
const address = '/_junban/v1/rooms/ROOM';

/** Checks the body of `GET /v1/rooms/{room}`, as text or as the bytes of a file. */
export function verifyDrawFile(file: string | Uint8Array, options: VerifyDrawOptions = {}): DrawVerdict {
  if (file.length > bodyBytesMax) return unreadable(`the file is longer than ${bodyBytesMax} bytes`);
  const parsed = parseBody(file);
  if (parsed.kind === 'unreadable') return unreadable(parsed.detail);
  const checked = checkProof(parsed.body, { verifyRound: options.verifyRound ?? verifyDrandRound });
  switch (checked.kind) {
    case 'unreadable':
      return unreadable(checked.detail);
    case 'false':
      return { exitCode: 1, lines: [`NOT HONEST at step "${checked.step}": ${checked.detail}`] };
    case 'honest':
      return verdictOn(checked.proof, checked.unproved, options.number);
  }
}

function verdictOn(proof: DrawProof, unproved: readonly string[], number: number | undefined): DrawVerdict {
  const placeLines: string[] = [];
  if (number !== undefined) {
    if (!Number.isInteger(number) || number < 0 || number >= proof.drawn) {
      return unreadable(`number ${number} is not among the ${proof.drawn} drawn`);
    }
    placeLines.push(`Number ${number} drew place ${placeOf(number, proof.drawn, bytesOfHex(proof.seed))}.`);
  }
  return {
    exitCode: 0,
    lines: [
      `HONEST: the draw of room "${proof.room}" at ${proof.startsAt}, ${proof.drawn} numbers.`,
      `Recomputed: commitment, ${randomnessLine(proof)}seed ${proof.seed}.`,
      ...placeLines,
      ...unproved.map(sentence => `Not proved: ${sentence}`),
      `Compare: the commitment must be the one that stood in public before the lobby opened: ${proof.commitment}.`,
    ],
  };
}

function randomnessLine({ randomness }: DrawProof): string {
  if (randomness.kind !== 'drand') return '';
  const name = drandChains.find(({ hash }) => hash === randomness.chain)?.name ?? randomness.chain;
  return `the signature of drand round ${randomness.round} (${name}), `;
}

type ParsedBody =
  | { readonly kind: 'parsed'; readonly body: unknown }
  | { readonly kind: 'unreadable'; readonly detail: string };

function parseBody(file: string | Uint8Array): ParsedBody {
  try {
    const text = typeof file === 'string' ? file : new TextDecoder('utf-8', { fatal: true }).decode(file);
    return parseText(text);
  } catch {
    return { kind: 'unreadable', detail: `the file is no text in UTF-8, so not what ${address} answers` };
  }
}

function parseText(text: string): ParsedBody {
  try {
    return { kind: 'parsed', body: JSON.parse(text) };
  } catch (error) {
    if (text.trim() === '') return { kind: 'unreadable', detail: `the file is empty: fetch ${address} again` };
    // Facts are one object: whatever begins as one and does not end as one was cut.
    if (text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}')) {
      const detail = `the file is cut short, it ends after ${text.length} characters in the midst: fetch ${address} again`;
      return { kind: 'unreadable', detail };
    }
    return { kind: 'unreadable', detail: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function unreadable(detail: string): DrawVerdict {
  return { exitCode: 2, lines: [`UNREADABLE: ${detail}`] };
}
