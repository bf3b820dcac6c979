// What happens to a room that somebody outside may want to know: from one look at the room to the next. Pure.
import type { RoomReport } from '../room-report.ts';

export const webhookEvents = ['room.phase', 'line.long', 'line.empty', 'line.stuck', 'stock.sold-out'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** What was known at the last look; kept in the store, so that another caller goes on where this one was. */
export type RoomWatch = {
  readonly phase: RoomReport['phase'];
  readonly isLong: boolean;
  readonly isEmpty: boolean;
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
    isEmpty: phase === 'open' && waiting === 0,
    isStuck: nowMs - movedAtMs >= stuckMs,
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

/** Devices wait, nothing holds the room, and the shop is not full: then calling should go on. */
function couldMove({ phase, waiting, paused, shopFailing, active, activeCap, checking }: RoomReport): boolean {
  return phase === 'open' && waiting > 0 && !paused && !shopFailing && !checking && active < activeCap;
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
