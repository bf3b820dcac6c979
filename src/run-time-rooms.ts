// The rooms of this gateway: those of the file, and those made at run time, which stand in the store and are opened,
// changed and closed here within a second of a change at any gateway.

import { matchOf, readRoom, roomJsonSchema } from './config/read-room.ts';
import { showRoom } from './config/redact.ts';
import type { RoomSettings, Settings } from './config/settings.ts';
import type { OpenRoom } from './open-room.ts';
import { type BookedRoom, type BookOutcome, noVersion, type RoomBook, roomsDocument } from './ops/api/room-book.ts';
import { versionOf } from './ops/version-of.ts';
import { readLogo } from './page/read-logo.ts';
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

/** Configurations by room id, each as text: what is compared is what was written. */
type Booked = Readonly<Record<string, unknown>>;
type Opened = ServedRoom & { readonly text: string };
type FieldProblems = Extract<BookOutcome, { kind: 'invalid' }>['problems'];

const roomsMax = 200;
const periodMs = 500;
const triesMax = 5;
const graceMs = 1_000;

export class RunTimeRooms implements RoomBook {
  readonly schema = roomJsonSchema();
  readonly #needs: RunTimeRoomsNeeds;
  readonly #fromFile: ServedRoom[] = [];
  readonly #opened = new Map<string, Opened>();
  /** Why a room is not served here, by its id: told once, while it is tried again at each look. */
  readonly #unopened = new Map<string, string>();
  /** What each room of the store claimed when it was last open here. */
  readonly #lastMatches = new Map<string, RoomSettings['match']>();
  #booked: Booked = decode(null);
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
  }

  get served(): readonly ServedRoom[] {
    return [...this.#fromFile, ...this.#opened.values()];
  }

  /** OP220 Rooms of the store that are not open here, at this moment or for longer: nobody else gets their fans. */
  get changing(): readonly RoomAddress[] {
    return this.#unserved().flatMap(id => {
      const match = matchOf(this.#booked[id]) ?? this.#lastMatches.get(id);
      return match === undefined ? [] : [{ id, match }];
    });
  }

  get rooms(): readonly OpenRoom[] {
    return this.served.map(({ room }) => room);
  }

  list(): readonly BookedRoom[] {
    const fromFile = this.#fromFile.map(({ settings }) => {
      const configuration = showRoom(settings);
      return { id: settings.id, source: 'file' as const, configuration, version: versionOf(configuration) };
    });
    const booked = Object.entries(this.#booked).map(([id, configuration]) => ({
      id,
      source: 'api' as const,
      configuration,
      version: versionOf(configuration),
    }));
    return [...fromFile, ...booked];
  }

  async put(id: string, given: unknown, ifVersion: number | null): Promise<BookOutcome> {
    if (this.#isFromFile(id)) {
      return {
        kind: 'refused',
        reason: `The room ${id} stands in the configuration file: change it there, or steer it`,
      };
    }
    const configuration = typeof given === 'object' && given !== null ? { ...given, id } : { id };
    let before: unknown = null;
    const logoProblems = await this.#logoProblems(id, configuration);
    let problems: FieldProblems = [];
    let isOvertaken = false;
    const isDone = await this.#change(booked => {
      const { [id]: known = null, ...others } = booked;
      before = known;
      isOvertaken = ifVersion !== null && ifVersion !== versionOf(known);
      if (isOvertaken) return null;
      const read = readRoom(this.#needs.settings, Object.values(others), configuration);
      problems =
        read.kind === 'ok'
          ? logoProblems
          : read.problems.map(({ path, message }) => ({ field: path, detail: message }));
      const isFull = Object.keys(others).length >= roomsMax;
      if (isFull) problems = [{ field: '', detail: `there are ${roomsMax} rooms made at run time already` }];
      return problems.length > 0 ? null : { ...others, [id]: configuration };
    });
    if (isOvertaken) return { kind: 'changed-meanwhile' };
    if (!isDone) return { kind: 'invalid', problems };
    return { kind: 'done', created: before === null, before, version: versionOf(configuration) };
  }

  async remove(id: string, ifVersion: number | null): Promise<BookOutcome> {
    if (this.#isFromFile(id)) return { kind: 'refused', reason: `The room ${id} stands in the configuration file` };
    const phase = this.#opened.get(id)?.room.door.view.state.phase;
    if (phase !== undefined && phase !== 'ended') {
      return { kind: 'refused', reason: `The room ${id} is ${phase}: end it before it is taken away` };
    }
    let before: unknown = null;
    let isOvertaken = false;
    const isDone = await this.#change(booked => {
      const { [id]: known = null, ...others } = booked;
      before = known;
      isOvertaken = ifVersion !== null && ifVersion !== versionOf(known);
      return known === null || isOvertaken ? null : others;
    });
    if (isOvertaken) return { kind: 'changed-meanwhile' };
    return isDone
      ? { kind: 'done', created: false, before, version: noVersion }
      : { kind: 'refused', reason: `There is no room ${id.slice(0, 80)}` };
  }

  /** Ends following; the rooms stay open. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** What would keep the room from being opened is told before it is booked. */
  async #logoProblems(id: string, configuration: unknown): Promise<FieldProblems> {
    const { [id]: _, ...others } = this.#booked;
    const read = readRoom(this.#needs.settings, Object.values(others), configuration);
    if (read.kind === 'problems' || read.room.look.logoPath === null) return [];
    const logo = await readLogo(read.room.look.logoPath);
    return logo.kind === 'problem' ? [{ field: 'look.logo', detail: logo.message }] : [];
  }

  #unserved(): readonly string[] {
    return Object.keys(this.#booked).filter(id => !this.#opened.has(id) && !this.#isFromFile(id));
  }

  #isFromFile(id: string): boolean {
    return this.#needs.settings.rooms.some(room => room.id === id);
  }

  /** Null from `plan` changes nothing. Several gateways may change the document at once: who was second plans again. */
  async #change(plan: (booked: Booked) => Booked | null): Promise<boolean> {
    const { store } = this.#needs;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const previous = await store.readDocument(roomsDocument);
      const next = plan(decode(previous));
      if (next === null) return false;
      if (!(await store.replaceDocument(roomsDocument, previous, JSON.stringify(next)))) continue;
      await this.#follow();
      return true;
    }
    throw new Error(`the rooms changed ${triesMax} times while they were being changed`);
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
    this.#booked = decode(await this.#needs.store.readDocument(roomsDocument));
    if (this.#isStopped) return;
    const gone = [...this.#opened].filter(([id, { text }]) => JSON.stringify(this.#booked[id]) !== text);
    for (const [id] of gone) this.#opened.delete(id);
    const fresh = this.#unserved();
    for (const id of this.#unopened.keys()) if (!fresh.includes(id)) this.#unopened.delete(id);
    for (const id of this.#lastMatches.keys()) if (!Object.hasOwn(this.#booked, id)) this.#lastMatches.delete(id);
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
    const configuration = this.#booked[id];
    const others = Object.entries(this.#booked).filter(([other]) => other !== id);
    try {
      const read = readRoom(
        this.#needs.settings,
        others.map(([, other]) => other),
        configuration,
      );
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

/** A room may be called `constructor`: what every object inherits is no room. */
function decode(document: string | null): Booked {
  const booked: Booked = document === null ? {} : (JSON.parse(document) as Booked);
  return Object.assign(Object.create(null), booked) as Booked;
}
