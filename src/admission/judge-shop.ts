// What the answers of the last seconds say about the shop: well, near its limit, too slow, with some errors, or overloaded;
// and in which words. Latencies are compared by class of route with what they are while the shop is at ease.

import type { PaceSituation } from './autopilot.ts';
import { answersIn, latencyQuantileMs, type ShopReport } from './shop-report.ts';
import { type VisitRank, visitRanks } from './shop-turnstile.ts';

export type Health =
  | { readonly kind: 'unknown' }
  /** `strain`: how long answers take, beside how long they may. */
  | { readonly kind: 'well'; readonly strain: number }
  | { readonly kind: 'near' | 'slow'; readonly strain: number; readonly reason: string }
  /** More answers than usual are errors, and yet few. */
  | { readonly kind: 'erring'; readonly reason: string }
  | {
      readonly kind: 'overloaded';
      readonly cause: 'latency' | 'errors' | 'failing' | 'signals';
      readonly reason: string;
    };

export const newEase: Readonly<LatencyEase> = { checkout: null, inside: null, entry: null };

/** By class of route: how fast half and nine of ten answers were while the shop was at ease; null: not known yet. */
export type LatencyEase = Record<VisitRank, Ease | null>;
type Ease = { readonly halfMs: number; readonly mostMs: number };

const classAnswersMin = 8;
/** So many errors are no accident, if they are this part of all answers, and so many too many, if they are that part. */
const badMin = 3;
const badShareErring = 0.001;
const badMinOverloaded = 5;
export const badShareOverloaded = 0.1;
/** So many requests that waited in vain are no accident, if they are this part of all, and too many if they are that part. */
const heldMin = 2;
const heldShareSlow = 0.005;
const heldShareOverloaded = 0.1;
/** So many standard deviations more errors than usual are no chance. */
const chanceDeviations = 3;
/** And so many more than what is too many are too many for sure. */
const manyDeviations = 2;
/** Without a target of the operator's: so many times the latency at ease more, at least and at most so much more. */
const moreFactor = 3;
const moreMsMin = 300;
const moreMsMax = 2_000;
/** Half of the answers are at ease up to this multiple of what they take at best, or so much more. */
const halfEaseFactor = 1.6;
const halfEaseMoreMs = 15;
/** Slow answers beside as many fast ones are no reason to let go of anybody. */
const hintStrain = 0.35;
const fasterFactor = 0.8;
/** What is usual follows by this part of the difference in a second. */
const easeFollowing = 0.05;
const nearShare = 0.7;
/** Those deepest in go first, so the others wait longer before the shop is at its limit. */
const patience: Readonly<Record<VisitRank, number>> = { checkout: 1, inside: 1.5, entry: 2 };
const overloadedFactor = 6;
/** Who comes in waits before the shop while others are let on first: too long a wait, but no overload. */
const entryStrainMax = 3;
/** Where requests wait in vain, answers would take at least twice their time. */
const heldStrain = 2;

/** Looks at `ease` and, where the shop was faster than ever, notes it there. */
export function judgeShop(
  report: ShopReport,
  situation: PaceSituation & { readonly isStarved: boolean; readonly usualShare: number },
  ease: LatencyEase,
): Health {
  // It says more than that the shop is failing.
  if (situation.complaint !== null) return { kind: 'overloaded', cause: 'signals', reason: situation.complaint };
  if (situation.isShopFailing) return { kind: 'overloaded', cause: 'failing', reason: 'the shop is failing' };
  const { answers, bad } = answersIn(report);
  const held = visitRanks.reduce((sum, rank) => sum + (report[rank].held ?? 0), 0);
  if (answers + held === 0) return { kind: 'unknown' };
  const usual = answers * situation.usualShare;
  const unusual = bad - usual - chanceDeviations * Math.sqrt(usual);
  const errors = `${bad} of ${answers} answers of the last seconds were errors`;
  const many = answers * badShareOverloaded;
  if (unusual >= Math.max(badMinOverloaded, many + manyDeviations * Math.sqrt(many)))
    return { kind: 'overloaded', cause: 'errors', reason: errors };
  const ofRequests = judgeHeld(held, answers + held);
  const ofAnswers = visitRanks.map(rank => judgeClass(rank, report, situation, ease)).reduce(worse, ofRequests);
  // A shop that is slow as well has too much to do, whatever its errors come of.
  if (ofAnswers.kind === 'slow' || ofAnswers.kind === 'overloaded') return ofAnswers;
  return unusual >= badMin && unusual > answers * badShareErring ? { kind: 'erring', reason: errors } : ofAnswers;
}

function judgeHeld(held: number, asked: number): Health {
  if (held < heldMin || held <= asked * heldShareSlow) return { kind: 'well', strain: 0 };
  const reason = `${held} of ${asked} requests of the last seconds waited in vain for the shop to have room`;
  const isOverloaded = held > asked * heldShareOverloaded;
  return isOverloaded ? { kind: 'overloaded', cause: 'latency', reason } : { kind: 'slow', strain: heldStrain, reason };
}

function judgeClass(
  rank: VisitRank,
  report: ShopReport,
  { bounds, isStarved }: Parameters<typeof judgeShop>[1],
  ease: LatencyEase,
): Health {
  if (report[rank].answers < classAnswersMin) return { kind: 'unknown' };
  const [halfMs, latencyMs] = [latencyQuantileMs(report[rank], 0.5), latencyQuantileMs(report[rank], 0.9)];
  if (halfMs === null || latencyMs === null) return { kind: 'unknown' };
  const learned = learnEase(ease[rank], { halfMs, mostMs: latencyMs }, isStarved);
  ease[rank] = learned;
  const targetMs = bounds.latencyTargetMs ?? learned.mostMs + moreThanEase(learned.mostMs) * patience[rank];
  const strainOf = (seenMs: number, easeMs: number) =>
    bounds.latencyTargetMs === null
      ? Math.max(0, seenMs - easeMs) / (moreThanEase(easeMs) * patience[rank])
      : seenMs / bounds.latencyTargetMs;
  // While half of the answers are as fast as ever, the slow ones are a hint at most.
  const mostStrain = strainOf(latencyMs, learned.mostMs);
  const isHint = bounds.latencyTargetMs === null && isHalfAtEase(halfMs, learned.halfMs);
  const seenStrain = Math.max(isHint ? Math.min(mostStrain, hintStrain) : mostStrain, strainOf(halfMs, learned.halfMs));
  const strain = rank === 'entry' ? Math.min(seenStrain, entryStrainMax) : seenStrain;
  const kind = kindOf(strain);
  if (kind === 'well') return { kind, strain };
  const reason = `nine of ten ${rankNames[rank]} took up to ${Math.round(latencyMs)} ms, the target is ${Math.round(targetMs)} ms`;
  return kind === 'overloaded' ? { kind, cause: 'latency', reason } : { kind, strain, reason };
}

/**
 * While half of the answers are as fast as ever, slow ones do not come of the load, and become usual by and by. So do answers
 * that stay slow though hardly anybody has been let in for long.
 */
function learnEase(known: Ease | null, seen: Ease, isStarved: boolean): Ease {
  const before = known ?? seen;
  const follow = (from: number, to: number) => from + (to - from) * easeFollowing;
  if (isStarved) return { halfMs: follow(before.halfMs, seen.halfMs), mostMs: follow(before.mostMs, seen.mostMs) };
  const halfMs = Math.min(before.halfMs, seen.halfMs);
  if (seen.halfMs < fasterFactor * before.halfMs) return { halfMs, mostMs: Math.min(before.mostMs, seen.mostMs) };
  return { halfMs, mostMs: isHalfAtEase(seen.halfMs, halfMs) ? follow(before.mostMs, seen.mostMs) : before.mostMs };
}

function isHalfAtEase(halfMs: number, easeMs: number): boolean {
  return halfMs <= Math.max(halfEaseFactor * easeMs, easeMs + halfEaseMoreMs);
}

/** So much longer answers may take that take so long at ease. */
function moreThanEase(easeMs: number): number {
  return Math.min(moreMsMax, Math.max(moreFactor * easeMs, moreMsMin));
}

function kindOf(ofTarget: number): 'well' | 'near' | 'slow' | 'overloaded' {
  if (ofTarget > overloadedFactor) return 'overloaded';
  if (ofTarget > 1) return 'slow';
  return ofTarget > nearShare ? 'near' : 'well';
}

const rankNames: Readonly<Record<VisitRank, string>> = {
  checkout: 'answers at the checkout',
  inside: 'answers',
  entry: 'first answers',
};

const order = ['unknown', 'well', 'near', 'slow', 'overloaded'];

function worse(one: Health, other: Health): Health {
  if (one.kind === other.kind && 'strain' in one && 'strain' in other) return other.strain > one.strain ? other : one;
  return order.indexOf(other.kind) > order.indexOf(one.kind) ? other : one;
}
