// A pace that an autopilot lets climb before anybody knows what the shop bears: how the wait of a device follows from where
// the climb ends, and where it may end. Pure.

/** The first climb of a pace; part of the room's state, so that every gateway reckons with the same. */
export type ClimbRecord = {
  readonly beganAtMs: number;
  /** The pace fell, or was set by hand: what the shop bears has been seen. */
  readonly isOver: boolean;
  /** The last of them, oldest first. */
  readonly paces: readonly { readonly atMs: number; readonly perMinute: number }[];
};

/** What is to come of it, seen from an instant. */
export type Climb = {
  /** The logarithm of the pace grows by so much in a millisecond. */
  readonly perMs: number;
  /** It begins to grow after so long. */
  readonly inMs: number;
  /** The logarithm of the factor that the operator's bounds leave. */
  readonly most: number;
};

/** A pace that falls by more than this part is at what the shop bears. */
const fallMax = 0.04;
/** So far back the growth is measured. */
const measuredMs = 10_000;
/** Slower than this it does not climb. */
const perMsLeast = 0.01 / 1_000;
/**
 * What a shop bears beside the pace now is a matter of factors, and having climbed says nothing of what is left to climb:
 * the only law without memory is the exponential one. On average the shop bears so much more, as a logarithm.
 */
const leftOnAverage = Math.log(3);

/** The autopilot decided on its first pace, or on another one. */
export function recordClimb(before: ClimbRecord | null, perMinute: number, atMs: number): ClimbRecord {
  if (before === null) return { beganAtMs: atMs, isOver: false, paces: [{ atMs, perMinute }] };
  const last = before.paces.at(-1);
  if (before.isOver || last === undefined) return before;
  if (perMinute < last.perMinute * (1 - fallMax)) return { ...before, isOver: true, paces: [] };
  const current = before.paces.findLastIndex(pace => pace.atMs <= atMs - 2 * measuredMs);
  return { ...before, paces: [...before.paces.slice(Math.max(0, current)), { atMs, perMinute }] };
}

/** The pace was set by hand: what climbs from there on is another matter. */
export function endClimb(before: ClimbRecord | null): ClimbRecord | null {
  return before === null ? null : { ...before, isOver: true, paces: [] };
}

export type ClimbBounds = {
  /** As the operator's step lets a new room's pace climb. */
  readonly firstPerMs: number;
  readonly mostPerMinute: number;
  /** Whether who decides takes the room for new: a caller that took over grows by less, as is measured. */
  readonly isNew: boolean;
};

/** Null: it does not climb. */
export function climbAt(
  { beganAtMs, isOver, paces }: ClimbRecord,
  { firstPerMs, mostPerMinute, isNew }: ClimbBounds,
  nowMs: number,
): Climb | null {
  const last = paces.at(-1);
  if (isOver || last === undefined) return null;
  const then = paces.findLast(({ atMs }) => atMs <= nowMs - measuredMs) ?? paces[0] ?? last;
  const measuredPerMs = Math.log(last.perMinute / then.perMinute) / measuredMs;
  // Those who are let in at the first pace must fill the shop before their number grows by steps.
  const fillMs = isNew ? 1 / firstPerMs : 0;
  const ageMs = nowMs - beganAtMs;
  const perMs = isNew && ageMs < fillMs + 2 * measuredMs ? firstPerMs : Math.min(firstPerMs, measuredPerMs);
  const most = Math.log(mostPerMinute / last.perMinute);
  return perMs > perMsLeast && most > 0 ? { perMs, inMs: Math.max(0, fillMs - ageMs), most } : null;
}

/** The logarithm of the factor that the pace goes on to climb by, where this share of shops lets it climb farther. */
export function leftToClimb({ most }: Climb, farther: number): number {
  return Math.min(most, -leftOnAverage * Math.log(farther));
}

/** How long it takes until so many were called, at a pace that begins at `perMs` and climbs by `left` (a logarithm). */
export function waitWhileClimbing(count: number, perMs: number, climb: Climb, left: number): number {
  const before = perMs * climb.inMs;
  if (count <= before || left <= 0) return count / perMs;
  const during = (perMs * Math.expm1(left)) / climb.perMs;
  if (count <= before + during) return climb.inMs + Math.log1p(((count - before) * climb.perMs) / perMs) / climb.perMs;
  return climb.inMs + left / climb.perMs + (count - before - during) / (perMs * Math.exp(left));
}
