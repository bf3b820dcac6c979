// When a shop counts as failing: from how many of its last answers were bad. Who counts them is left to others.

/** Answers of the last seconds, and how many of them speak against the shop. */
export type ShopCounts = {
  readonly answers: number;
  readonly bad: number;
  /** Requests of a longer time that got no answer at all since the shop gave its last one. Absent: not counted. */
  readonly unanswered?: number;
};

export type ShopCondition = 'well' | 'failing';

/** Fewer answers than this say nothing about a well shop. */
export const answersMin = 5;
/** So many requests without an answer are no accident where nothing else was answered. */
const unansweredMin = 2;

/**
 * Failing above a half of at least five, or while nothing is answered, however few ask; well again under a
 * tenth; in between it stays as it was. A shop that nobody asked counts as well: a failing one to which nobody is let in
 * would never be seen to recover. // PX20, PX21, AP80
 */
export function conditionAfter(before: ShopCondition, { answers, bad, unanswered = 0 }: ShopCounts): ShopCondition {
  if (answers >= answersMin && bad * 2 > answers) return 'failing';
  if (unanswered >= unansweredMin && bad === answers) return 'failing';
  if (answers === 0 || bad * 10 < answers) return 'well';
  return before;
}
