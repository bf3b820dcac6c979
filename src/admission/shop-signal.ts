// What somebody who watches the shop says of it by a signal: a complaint, praise, or neither. Who may say it, and for how
// long it holds, is left to others.

import { conditionAfter, type ShopCondition } from './shop-condition.ts';

/** At least one of the fields is there. */
export type ShopSignal = {
  readonly isOverloaded?: boolean;
  readonly badShare?: number;
  readonly latencyMs?: number;
};

/** How long answers may take: `targetMs` is the operator's, null where none is set; `easeMs` was learned of the source. */
export type SignalLatency = { readonly targetMs: number | null; readonly easeMs: number | null };

/** A source's answers are errors when more than this share of them is. */
const badShareMax = 0.05;
/** Where no target is set: no shop that is well answers so slowly. */
const latencyMsMax = 5_000;
/** A latency is short up to so many times what it is at ease, or so much more. */
const shortFactor = 4;
const shortMoreMs = 300;
/** What a source's latencies are at ease follows slower ones by this part of the difference. */
const easeFollowing = 0.005;

/** In words; null: it does not complain. // AP83 */
export function complaintIn(signal: ShopSignal, { targetMs }: Pick<SignalLatency, 'targetMs'>): string | null {
  const { isOverloaded, badShare, latencyMs } = signal;
  if (isOverloaded === true) return 'the shop is overloaded';
  if (badShare !== undefined && badShare > badShareMax)
    return `${Math.round(badShare * 100)} % of the answers are errors`;
  const mostMs = targetMs ?? latencyMsMax;
  if (latencyMs === undefined || latencyMs <= mostMs) return null;
  const limit = targetMs === null ? 'more than' : 'the target is';
  return `answers take ${Math.round(latencyMs)} ms, ${limit} ${Math.round(mostMs)} ms`;
}

/** Whether it says that the shop is well: a latency that is neither short nor a complaint says nothing. // AP83 */
export function isPraise(signal: ShopSignal, latency: SignalLatency): boolean {
  const { isOverloaded, badShare, latencyMs } = signal;
  if (complaintIn(signal, latency) !== null) return false;
  const shortMs = latency.targetMs ?? (latency.easeMs === null ? latencyMsMax : shortOf(latency.easeMs));
  const isShort = latencyMs === undefined ? null : latencyMs <= Math.min(shortMs, latency.targetMs ?? latencyMsMax);
  if (isShort === false) return false;
  return isShort === true || isOverloaded === false || badShare !== undefined;
}

function shortOf(easeMs: number): number {
  return Math.max(shortFactor * easeMs, easeMs + shortMoreMs);
}

/** What the source's latencies are while the shop is at ease: the shortest, and slowly what is usual now. */
export function signalEaseAfter(easeMs: number | null, { latencyMs }: ShopSignal): number | null {
  if (latencyMs === undefined || easeMs === null) return latencyMs ?? easeMs;
  return latencyMs < easeMs ? latencyMs : easeMs + (latencyMs - easeMs) * easeFollowing;
}

/** The same rule as for answers that gateways see. // AP81 */
export function conditionAfterSignal(before: ShopCondition, { isOverloaded, badShare = 0 }: ShopSignal): ShopCondition {
  return conditionAfter(before, { answers: 100, bad: isOverloaded === true ? 100 : badShare * 100 });
}
