// What a gateway's view of a room must have in common with the naive room at the same version.

import type { RoomView } from '../../src/flow/room-view.ts';
import { standingOf } from '../../src/flow/status.ts';
import { must, type NaiveRoom } from './naive-room.ts';

/** `numbers` are those of all devices; `placeOf` says where they stand. */
export function compareWithNaive(
  view: RoomView,
  naive: NaiveRoom,
  numbers: readonly number[],
  placeOf: (number: number) => number,
): void {
  const { state } = view;
  must(same(state.called.places(), naive.called), 'P2', 'the called are not the called');
  must(same(state.missed.places(), naive.missed), 'P5', 'the missed are not the missed');
  must([...state.calls.keys()].join() === [...naive.calls.keys()].join(), 'P2', 'the calls differ');
  must([...state.passes.keys()].join() === [...naive.passes.keys()].join(), 'P5', 'the passes differ');
  must(state.frontier === naive.frontier, 'P2', `the frontier is ${state.frontier}, expected ${naive.frontier}`);
  if (view.order === null || naive.phase !== 'open') return;
  const present = new Set<number>();
  for (const number of view.presence.numbers()) present.add(placeOf(number));
  const line = naive.inLine(present);
  view.lineNow();
  must(view.total === line.length, 'P3', `${view.total} in line, expected ${line.length}`);
  for (const number of numbers) {
    const standing = standingOf(view, number, false);
    const place = placeOf(number);
    must(standing.place === place, 'P1', `number ${number} stands at ${standing.place}, expected ${place}`);
    if (standing.state !== 'waiting' && standing.state !== 'missed') continue;
    const ahead = line.filter(other => other < place).length;
    must(standing.ahead === ahead, 'P3', `${standing.ahead} ahead of ${place}, expected ${ahead}`);
  }
}

function same(left: Iterable<number>, right: ReadonlySet<number>): boolean {
  return [...left].join() === [...right].sort((one, other) => one - other).join();
}
