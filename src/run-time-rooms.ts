// The rooms of this gateway: those of the file, and those made at run time, which are opened, changed and closed here within
// a second of a change at any gateway. What is booked is left to the book.

import { BookedRooms } from './booked-rooms.ts';
import { matchOf } from './config/read-room.ts';
import type { RoomSettings, Settings } from './config/settings.ts';
import type { OpenRoom } from './open-room.ts';
import type { OperatorsStore } from './store/operators-store.ts';
import { isStoreError } from './store/store-error.ts';

export type RunTimeRoomsNeeds = {
  readonly settings: Settings;
  readonly store: OperatorsStore;
  readonly open: (settings: RoomSettings) => Promise<OpenRoom>;
  /** The rooms are others now; those that are gone are still open and will be stopped next. */
  readonly onChange: (rooms: readonly ServedRoom[], changing: readonly RoomAddress[]) => void;
  readonly onFailure: (error: unknown) => void;
};

/** Which requests belong to a room. */
export type RoomAddress = Pick<RoomSettings, 'id' | 'match'>;
export type ServedRoom = { readonly settings: RoomSettings; readonly room: OpenRoom };

type Opened = ServedRoom & { readonly text: string };

const periodMs = 500;
const graceMs = 1_000;

export class RunTimeRooms {
  readonly book: BookedRooms;
  readonly #needs: RunTimeRoomsNeeds;
  readonly #fromFile: ServedRoom[] = [];
  readonly #opened = new Map<string, Opened>();
  /** Why a room is not served here, by its id: told once, while it is tried again at each look. */
  readonly #unopened = new Map<string, string>();
  /** What each room of the store claimed when it was last open here. */
  readonly #lastMatches = new Map<string, RoomSettings['match']>();
  #following: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  static async open(needs: RunTimeRoomsNeeds): Promise<RunTimeRooms> {
    const rooms = new RunTimeRooms(needs);
    const fromFile = needs.settings.rooms.map(async settings => ({ settings, room: await needs.open(settings) }));
    for (const opened of await Promise.allSettled(fromFile)) {
      if (opened.status === 'fulfilled') rooms.#fromFile.push(opened.value);
    }
    try {
      await Promise.all(fromFile);
    } catch (error) {
      await Promise.all(rooms.rooms.map(room => room.stop()));
      throw error;
    }
    await rooms.#follow();
    rooms.#timer = setInterval(() => void rooms.#follow(), periodMs).unref();
    return rooms;
  }

  private constructor(needs: RunTimeRoomsNeeds) {
    this.#needs = needs;
    this.book = new BookedRooms({
      ...{ settings: needs.settings, store: needs.store, onChanged: () => this.#follow() },
      phaseOf: id => this.#opened.get(id)?.room.door.view.state.phase ?? null,
    });
  }

  get served(): readonly ServedRoom[] {
    return [...this.#fromFile, ...this.#opened.values()];
  }

  /** OP220 Rooms of the store that are not open here, at this moment or for longer: nobody else gets their fans. */
  get changing(): readonly RoomAddress[] {
    return this.#unserved().flatMap(id => {
      const match = matchOf(this.book.booked[id]) ?? this.#lastMatches.get(id);
      return match === undefined ? [] : [{ id, match }];
    });
  }

  get rooms(): readonly OpenRoom[] {
    return this.served.map(({ room }) => room);
  }

  /** Ends following; the rooms stay open. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #unserved(): readonly string[] {
    return Object.keys(this.book.booked).filter(id => !this.#opened.has(id) && !this.book.isFromFile(id));
  }

  /** One at a time: a look that is asked for during another one comes after it. */
  #follow(): Promise<void> {
    const next = (this.#following ?? Promise.resolve()).then(() => this.#look());
    this.#following = next.catch((error: unknown) => {
      // A store that is away changes no room; it is asked again.
      if (!isStoreError(error)) this.#needs.onFailure(error);
    });
    return this.#following;
  }

  async #look(): Promise<void> {
    await this.book.look();
    if (this.#isStopped) return;
    const gone = [...this.#opened].filter(([id, { text }]) => JSON.stringify(this.book.booked[id]) !== text);
    for (const [id] of gone) this.#opened.delete(id);
    const fresh = this.#unserved();
    for (const id of this.#unopened.keys()) if (!fresh.includes(id)) this.#unopened.delete(id);
    for (const id of this.#lastMatches.keys()) if (!Object.hasOwn(this.book.booked, id)) this.#lastMatches.delete(id);
    if (gone.length + fresh.length === 0) return;
    // The one that is changed lets go of the room before the other takes it; meanwhile the room keeps its address.
    if (fresh.some(id => !this.#unopened.has(id)) || gone.length > 0) this.#tellChange();
    for (const [, { room }] of gone) {
      void room.watchedShop.close(graceMs);
      await room.stop();
    }
    const openedBefore = this.#opened.size;
    for (const id of fresh) await this.#openBooked(id);
    if (this.#opened.size > openedBefore) this.#tellChange();
  }

  #tellChange(): void {
    this.#needs.onChange(this.served, this.changing);
  }

  /** OP190: one that cannot be opened keeps no other from being opened. */
  async #openBooked(id: string): Promise<void> {
    const configuration = this.book.booked[id];
    try {
      const read = this.book.read(id, configuration);
      // The file of this gateway has changed since, and now contradicts the room.
      if (read.kind === 'problems') return this.#tellUnopened(id, new Error(read.problems[0]?.message));
      const room = await this.#needs.open(read.room);
      this.#lastMatches.set(id, read.room.match);
      this.#opened.set(id, { settings: read.room, room, text: JSON.stringify(configuration) });
      this.#unopened.delete(id);
    } catch (error) {
      // The store comes back by itself, and says so by its own line.
      if (!isStoreError(error)) this.#tellUnopened(id, error);
    }
  }

  #tellUnopened(id: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (this.#unopened.get(id) === reason) return;
    this.#unopened.set(id, reason);
    this.#needs.onFailure(new Error(`room ${id} of the store is not opened: ${reason}`, { cause }));
  }
}
