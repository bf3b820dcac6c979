// The check of the draw in words: one line a step with its mark, and what follows from all of them. Pure.
import { fill } from '../formats.ts';
import type { Wording } from '../wording.ts';
import type { DrawCheck } from './draw-check.ts';

export type ProofWords = Wording['proof'];

export interface Line {
  readonly mark: '✓' | '✗' | '–' | '';
  readonly text: string;
}

const markOf = (holds: boolean | null): Line['mark'] => {
  if (holds === null) return '–';
  return holds ? '✓' : '✗';
};

export const linesOf = (check: DrawCheck, words: ProofWords): readonly Line[] => {
  if (check.kind === 'none') return [{ mark: '', text: words.failed }];
  if (check.kind === 'pending') return [{ mark: '', text: words.pending }];
  const steps: readonly (readonly [holds: boolean | null, text: string])[] =
    check.kind === 'after'
      ? [[check.holds, words.afterDraw]]
      : check.steps.map(({ step, holds }) => [holds, fill(words[step], check.values)]);
  // How many were sealed is what the room says: a place after the draw follows from that.
  const isProved = check.kind === 'checked' && steps.every(([holds]) => holds === true);
  const found = isProved ? words.right : words.follows;
  const isWrong = steps.some(([holds]) => holds === false);
  return [
    ...steps.map(([holds, text]) => ({ mark: markOf(holds), text })),
    { mark: '', text: isWrong ? words.wrong : found },
  ];
};
