// What one metric of the table is: its name and labels, and how its values are read from the plain counts.
import type { GatewayCounts, HistogramCounts, RoomCounts } from './counts.ts';

export type Labels = Readonly<Record<string, string>>;
export type Sample = { readonly labels: Labels; readonly value: number };
export type ProcessCounts = {
  readonly version: string;
  /** How late the event loop came to its timers, since the start. */
  readonly lag: HistogramCounts;
  /** Time spent collecting garbage since the start, by kind. */
  readonly gcMs: Readonly<Record<string, number>>;
};

/**
 * `room`: every gateway reports the same number, so dashboards take `max by`. `seen`: every gateway counts the same events
 * since its own start, so they take `max by` of the rates. `gateway`: numbers add up.
 */
export type Scope = 'room' | 'seen' | 'gateway';
export type RowFacts = {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly scope: Scope;
};
export type NumberRow = RowFacts & {
  readonly type: 'gauge' | 'counter';
  readonly read: (counts: GatewayCounts, ownProcess: ProcessCounts) => readonly Sample[];
};
export type HistogramRow = RowFacts & {
  readonly type: 'histogram';
  readonly read: (
    counts: GatewayCounts,
    ownProcess: ProcessCounts,
  ) => readonly { readonly labels: Labels; readonly value: HistogramCounts }[];
};
export type Row = NumberRow | HistogramRow;

export const one = (value: number): readonly Sample[] => [{ labels: {}, value }];
export const flag = (isSet: boolean): number => (isSet ? 1 : 0);

/** One sample a room; a value that is not known leaves no sample. */
export const eachRoom =
  (value: (room: RoomCounts) => number | null) =>
  ({ rooms }: GatewayCounts): readonly Sample[] =>
    rooms.flatMap(room => {
      const known = value(room);
      return known === null ? [] : [{ labels: { room: room.report.room }, value: known }];
    });

/** One sample a room and member of a closed set. */
export const eachOf =
  (label: string, values: (room: RoomCounts) => Readonly<Record<string, number>>) =>
  ({ rooms }: GatewayCounts): readonly Sample[] =>
    rooms.flatMap(room => samplesOf(label, values(room), { room: room.report.room }));

export function samplesOf(
  label: string,
  values: Readonly<Record<string, number>>,
  labels: Labels = {},
): readonly Sample[] {
  return Object.entries(values).map(([member, value]) => ({ labels: { ...labels, [label]: member }, value }));
}

export const stateSet = (members: readonly string[], set: string | null): Readonly<Record<string, number>> =>
  Object.fromEntries(members.map(member => [member, flag(member === set)]));

export const number = (
  type: NumberRow['type'],
  scope: Scope,
  name: string,
  labels: readonly string[],
  help: string,
  read: NumberRow['read'],
): Row => ({ name, type, help, labels, scope, read });
