// The check of the draw in words: one line a step with its mark, and what follows from all of them. Pure.
import type { Formats } from '../formats.ts';
import { fill } from '../formats.ts';
import type { DrawCheck } from './draw-check.ts';

export interface Line {
  readonly mark: '✓' | '✗' | '–' | '';
  readonly text: string;
}

const markOf = (holds: boolean | null): Line['mark'] => {
  if (holds === null) return '–';
  return holds ? '✓' : '✗';
};

export const linesOf = (check: DrawCheck, { wording: { proof } }: Formats): readonly Line[] => {
  if (check.kind === 'pending') return [{ mark: '', text: proof.pending }];
  const holds = check.kind === 'after' ? check.holds : check.steps.every(step => step.holds !== false);
  const isProved = check.kind === 'after' || check.steps.every(step => step.holds === true);
  const right = isProved ? proof.right : proof.follows;
  const steps: readonly Line[] =
    check.kind === 'after'
      ? [{ mark: markOf(holds), text: proof.afterDraw }]
      : check.steps.map(step => ({ mark: markOf(step.holds), text: fill(proof[step.step], check.values) }));
  return [...steps, { mark: '', text: holds ? right : proof.wrong }];
};
