// What happens to a room that somebody outside may want to know: from one look at the room to the next. Pure.
import type { ReportedLimit, RoomReport } from '../room-report.ts';

export const webhookEvents = ['room.phase', 'line.long', 'line.empty', 'line.stuck', 'stock.sold-out'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** What was known at the last look; kept in the store, so that another caller goes on where this one was. */
export type RoomWatch = {
  readonly phase: RoomReport['phase'];
  readonly isLong: boolean;
  readonly isEmpty: boolean;
  /** Since when the line has been otherwise than `isEmpty` says; null: it is not. */
  readonly otherwiseSinceMs: number | null;
  readonly isStuck: boolean;
  readonly isSoldOut: boolean;
  /** Calls and admissions so far, and since when there were no more. */
  readonly moved: number;
  readonly movedAtMs: number;
};

export type RoomEvent = { readonly type: WebhookEvent; readonly data: Readonly<Record<string, unknown>> };

/** A line counts as long again only after it was so much shorter. */
const longAgainShare = 0.8;
const stuckMs = 120_000;
/** At a pace below one in two minutes a line moves so seldom: this many calls must have been missed. */
const callsMissed = 2;
/** So long a line is empty, or there again, before it counts: one that comes and goes by the second is no news. OP196 */
const emptyMs = 30_000;
/** These keep the caller from calling by what an operator wants, or because the shop is as full as it may be. OP195 */
const restingLimits: readonly (ReportedLimit | null)[] = ['draining', 'cap', 'claim-window'];

/** The first look at a room tells nothing: what it finds is no news. */
export function watchRoom(
  before: RoomWatch | null,
  report: RoomReport,
  { longLine, nowMs }: { readonly longLine: number; readonly nowMs: number },
): { readonly watch: RoomWatch; readonly events: readonly RoomEvent[] } {
  const { phase, waiting, stock, room } = report;
  const moved = report.totals.called + report.admitted;
  const hasMoved = before === null || moved !== before.moved || !couldMove(report);
  const movedAtMs = hasMoved ? nowMs : before.movedAtMs;
  const watch: RoomWatch = {
    phase,
    isLong: waiting >= longLine || (before?.isLong === true && waiting >= longLine * longAgainShare),
    ...emptyAt(before, report, nowMs),
    isStuck: nowMs - movedAtMs >= Math.max(stuckMs, (callsMissed * 60_000) / report.pacePerMinute),
    isSoldOut: stock !== null && stock.length > 0 && stock.every(({ remaining }) => remaining === 0),
    moved,
    movedAtMs,
  };
  if (before === null) return { watch, events: [] };
  const events: RoomEvent[] = [];
  if (phase !== before.phase) events.push({ type: 'room.phase', data: { room, phase, before: before.phase } });
  if (watch.isLong && !before.isLong) events.push({ type: 'line.long', data: { room, waiting, longLine } });
  if (watch.isEmpty && !before.isEmpty && before.phase === 'open') events.push({ type: 'line.empty', data: { room } });
  if (watch.isStuck && !before.isStuck)
    events.push({ type: 'line.stuck', data: { room, waiting, limit: report.limit } });
  if (watch.isSoldOut && !before.isSoldOut) events.push({ type: 'stock.sold-out', data: { room, stock } });
  return { watch, events };
}

/** A look that finds another phase takes the line as it is. */
function emptyAt(
  before: RoomWatch | null,
  { phase, waiting }: RoomReport,
  nowMs: number,
): Pick<RoomWatch, 'isEmpty' | 'otherwiseSinceMs'> {
  const isEmptyNow = phase === 'open' && waiting === 0;
  if (before?.phase !== phase || isEmptyNow === before.isEmpty) return { isEmpty: isEmptyNow, otherwiseSinceMs: null };
  const sinceMs = before.otherwiseSinceMs ?? nowMs;
  if (nowMs - sinceMs >= emptyMs) return { isEmpty: isEmptyNow, otherwiseSinceMs: null };
  return { isEmpty: before.isEmpty, otherwiseSinceMs: sinceMs };
}

/** Devices wait, nothing holds the room, and the shop is not full: then calling should go on. */
function couldMove({ limit, ...report }: RoomReport): boolean {
  const { phase, waiting, paused, shopFailing, draining, active, activeCap, checking } = report;
  const isHeld = paused || shopFailing || draining || checking || restingLimits.includes(limit);
  return phase === 'open' && waiting > 0 && !isHeld && active < activeCap;
}

/** Whether the store should know: what only moves along need not be kept. */
export function isWatchNews(before: RoomWatch | null, now: RoomWatch): boolean {
  const { phase, isLong, isEmpty, isStuck, isSoldOut } = now;
  return (
    before?.phase !== phase ||
    before.isLong !== isLong ||
    before.isEmpty !== isEmpty ||
    before.isStuck !== isStuck ||
    before.isSoldOut !== isSoldOut
  );
}
