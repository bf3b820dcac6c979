// What became of a room while an operator was deciding: both values of everything that somebody else set meanwhile.
import { type Audited, call, type RoomReport } from './api.ts';
import { changeOf, deedOf } from './deeds.ts';
import { showDate, showMessage, showNumber, showValue, showWhen } from './words.ts';

export type Conflict = {
  /** The room as it is now: what is asked anew is asked of this one. */
  readonly now: RoomReport;
  readonly changes: readonly string[];
  /** Who steered it last. */
  readonly last: string | null;
};

/** Null: the gateway does not say. */
export async function conflictWith(asked: RoomReport): Promise<Conflict | null> {
  const [now, trail] = await Promise.all([
    call<RoomReport>('GET', `rooms/${asked.room}`),
    call<{ readonly records: readonly Audited[] }>('GET', 'audit?limit=100'),
  ]);
  if (now.kind !== 'ok') return null;
  // The deed that was just refused stands in the trail too.
  const done = trail.kind === 'ok' ? trail.value.records.filter(each => each.room === asked.room) : [];
  const refused = new Set(done.filter(each => each.outcome === 'failed').map(({ id }) => id));
  const last = done.find(({ id }) => !refused.has(id));
  return {
    now: now.value,
    changes: changesBetween(asked, now.value),
    last: last === undefined ? null : `${last.who}, ${showWhen(last.at)}: ${deedOf(last)} ${changeOf(last)}`,
  };
}

/** By the names that the switches have. */
export function changesBetween(was: RoomReport, is: RoomReport): readonly string[] {
  const show = valuesOf(is);
  return Object.entries(valuesOf(was)).flatMap(([name, before]) => {
    const after = show[name];
    return after === before ? [] : [`${name}: was ${before}, is ${after ?? 'nothing'} now`];
  });
}

function valuesOf(room: RoomReport): Readonly<Record<string, string>> {
  const { autopilot } = room;
  return {
    Phase: room.phase,
    Paused: showValue(room.paused),
    Draining: showValue(room.draining),
    Pace: `${showNumber(room.pacePerMinute)}/min`,
    'Active cap': showNumber(room.activeCap),
    Message: showMessage(room),
    Stock: showValue(room.stock),
    'Lobby opens': showDate(room.opensAt),
    'Sale starts': showDate(room.startsAt),
    'Room ends': showDate(room.endsAt),
    Autopilot: `${autopilot.mode}, ${showNumber(autopilot.minPerMinute)} to ${showNumber(autopilot.maxPerMinute)}/min, step ${autopilot.stepPercent} %`,
  };
}
