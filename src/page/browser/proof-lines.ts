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
  if (check.kind === 'pending') return [{ mark: '', text: words.pending }];
  const holds = check.kind === 'after' ? check.holds : check.steps.every(step => step.holds !== false);
  const isProved = check.kind === 'after' || check.steps.every(step => step.holds === true);
  const right = isProved ? words.right : words.follows;
  const steps: readonly Line[] =
    check.kind === 'after'
      ? [{ mark: markOf(holds), text: words.afterDraw }]
      : check.steps.map(step => ({ mark: markOf(step.holds), text: fill(words[step.step], check.values) }));
  return [...steps, { mark: '', text: holds ? right : words.wrong }];
};
