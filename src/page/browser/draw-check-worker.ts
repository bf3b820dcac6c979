// The check of the draw in a thread of its own, which the page starts when it is asked for the check: a pairing takes a
// telephone up to a second, and the first screen need not carry any of it.
import { checkDraw, type DrawClaim } from './draw-check.ts';
import { linesOf, type ProofWords } from './proof-lines.ts';

/** Put here by browser-scripts.ts: the words by language tag. */
declare const proofWords: Readonly<Record<string, ProofWords>>;

export interface CheckOrder {
  /** The facts of the room as fetched. */
  readonly facts: unknown;
  readonly claim: DrawClaim;
  readonly language: string;
}

addEventListener('message', ({ data }: MessageEvent<CheckOrder>) => {
  const words = proofWords[data.language];
  if (words !== undefined) postMessage(linesOf(checkDraw(data.facts, data.claim), words));
});
