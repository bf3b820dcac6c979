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
  readonly growthPerMs: number;
  /** It begins to grow after so long. */
  readonly inMs: number;
  /** The logarithm of the factor that the operator's bounds leave. */
  readonly mostLog: number;
};

/** A pace that falls by more than this part is at what the shop bears. */
const fallMax = 0.04;
/** So far back the growth is measured. */
const measuredMs = 10_000;
/** Slower than this it does not climb. */
const growthPerMsLeast = 0.01 / 1_000;
/**
 * What a shop bears beside the pace now is a matter of factors, and having climbed says nothing of what is left to climb:
 * the only law without memory is the exponential one. On average the shop bears so much more, as a logarithm.
 */
const leftOnAverageLog = Math.log(3);

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
  readonly firstGrowthPerMs: number;
  readonly mostPerMinute: number;
  /** Whether who decides takes the room for new: a caller that took over grows by less, as is measured. */
  readonly isNew: boolean;
};

/** Null: it does not climb. */
export function climbAt(
  { beganAtMs, isOver, paces }: ClimbRecord,
  { firstGrowthPerMs, mostPerMinute, isNew }: ClimbBounds,
  nowMs: number,
): Climb | null {
  const last = paces.at(-1);
  if (isOver || last === undefined) return null;
  const then = paces.findLast(({ atMs }) => atMs <= nowMs - measuredMs) ?? paces[0] ?? last;
  const measuredGrowthPerMs = Math.log(last.perMinute / then.perMinute) / measuredMs;
  // Those who are let in at the first pace must fill the shop before their number grows by steps.
  const fillMs = isNew ? 1 / firstGrowthPerMs : 0;
  const ageMs = nowMs - beganAtMs;
  const growthPerMs =
    isNew && ageMs < fillMs + 2 * measuredMs ? firstGrowthPerMs : Math.min(firstGrowthPerMs, measuredGrowthPerMs);
  const mostLog = Math.log(mostPerMinute / last.perMinute);
  const isClimbing = growthPerMs > growthPerMsLeast && mostLog > 0;
  return isClimbing ? { growthPerMs, inMs: Math.max(0, fillMs - ageMs), mostLog } : null;
}

/** The logarithm of the factor that the pace goes on to climb by, where this share of shops lets it climb farther. */
export function leftToClimb({ mostLog }: Climb, shareFarther: number): number {
  return Math.min(mostLog, -leftOnAverageLog * Math.log(shareFarther));
}

/** How long it takes until so many were called, at a pace that begins at `callsPerMs` and climbs by `leftLog`. */
export function waitWhileClimbing(count: number, callsPerMs: number, climb: Climb, leftLog: number): number {
  const { inMs, growthPerMs } = climb;
  const before = callsPerMs * inMs;
  if (count <= before || leftLog <= 0) return count / callsPerMs;
  const during = (callsPerMs * Math.expm1(leftLog)) / growthPerMs;
  if (count <= before + during) return inMs + Math.log1p(((count - before) * growthPerMs) / callsPerMs) / growthPerMs;
  return inMs + leftLog / growthPerMs + (count - before - during) / (callsPerMs * Math.exp(leftLog));
}
