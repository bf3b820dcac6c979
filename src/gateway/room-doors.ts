// The rooms of this gateway by id, host and path. A room that is just being opened keeps its hosts and paths, so that
// its fans never come to a wider room's shop; what they are answered is left to refuse-changing.ts.

import { buildRoomTable, matchRoom, type RoomFound, type RoomMatch, type RoomTable } from './match-room.ts';
import type { RoomDoor } from './room-door.ts';

/** `changing`: there is such a room, but nobody can go through its door at this moment; undefined: there is none. */
export type DoorHere = RoomDoor | 'changing' | undefined;

export type RoomsHere = {
  readonly rooms: readonly { readonly match: RoomMatch; readonly door: RoomDoor }[];
  /** Rooms that are not open here, but will be; what an open room claims too is the open one's. */
  readonly changing: readonly RoomMatch[];
};

export class RoomDoors {
  #doors: ReadonlyMap<string, RoomDoor | 'changing'> = new Map();
  #table: RoomTable = buildRoomTable([]);

  /** From now on there are these rooms; gives the doors that are no more. */
  use({ rooms, changing }: RoomsHere): readonly RoomDoor[] {
    const before = this.open;
    const table = buildRoomTable([...rooms.map(({ match }) => match), ...changing]);
    this.#doors = new Map<string, RoomDoor | 'changing'>([
      ...changing.map(({ id }) => [id, 'changing'] as const),
      ...rooms.map(({ door }) => [door.id, door] as const),
    ]);
    this.#table = table;
    return before.filter(door => this.#doors.get(door.id) !== door);
  }

  get open(): readonly RoomDoor[] {
    return [...this.#doors.values()].filter(door => door !== 'changing');
  }

  of(room: string): DoorHere {
    return this.#doors.get(room);
  }

  at(found: RoomFound): DoorHere {
    return found.kind === 'none' ? undefined : this.#doors.get(found.id);
  }

  find(host: string, path: string): RoomFound {
    return matchRoom(this.#table, host, path);
  }

  /** The room of a host where the path cannot tell; undefined if there is none or the host has several. */
  ofHost(host: string): DoorHere {
    const [only, ...others] = this.#doors.values();
    return others.length === 0 ? only : this.at(this.find(host, '/'));
  }
}
