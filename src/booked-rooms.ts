// The book of the rooms made at run time, which stands in the store: what is in it, and what may be written into it. Which
// of them are open here is left to others.

import { type RoomRead, readRoom, roomJsonSchema } from './config/read-room.ts';
import { showRoom } from './config/redact.ts';
import type { Settings } from './config/settings.ts';
import { type BookedRoom, type BookOutcome, noVersion, type RoomBook, roomsDocument } from './ops/api/room-book.ts';
import { versionOf } from './ops/version-of.ts';
import { readLogo } from './page/read-logo.ts';
import type { Phase } from './queue/room-change.ts';
import type { OperatorsStore } from './store/operators-store.ts';

export type BookedRoomsNeeds = {
  readonly settings: Settings;
  readonly store: OperatorsStore;
  /** Of a room that is open here; null: it is not. */
  readonly phaseOf: (id: string) => Phase | null;
  /** The book in the store is another now. */
  readonly onChanged: () => Promise<void>;
};

/** Configurations by room id, each as text: what is compared is what was written. */
type Booked = Readonly<Record<string, unknown>>;
type FieldProblems = Extract<BookOutcome, { kind: 'invalid' }>['problems'];

const roomsMax = 200;
const triesMax = 5;

export class BookedRooms implements RoomBook {
  readonly schema = roomJsonSchema();
  readonly #needs: BookedRoomsNeeds;
  #booked: Booked = decode(null);

  constructor(needs: BookedRoomsNeeds) {
    this.#needs = needs;
  }

  /** As it was when it was looked at last. */
  get booked(): Booked {
    return this.#booked;
  }

  async look(): Promise<void> {
    this.#booked = decode(await this.#needs.store.readDocument(roomsDocument));
  }

  isFromFile(id: string): boolean {
    return this.#needs.settings.rooms.some(room => room.id === id);
  }

  /** A configuration beside all the other rooms. */
  read(id: string, configuration: unknown): RoomRead {
    const { [id]: _, ...others } = this.#booked;
    return readRoom(this.#needs.settings, Object.values(others), configuration);
  }

  list(): readonly BookedRoom[] {
    const fromFile = this.#needs.settings.rooms.map(settings => {
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
    if (this.isFromFile(id)) {
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
    if (this.isFromFile(id)) return { kind: 'refused', reason: `The room ${id} stands in the configuration file` };
    const phase = this.#needs.phaseOf(id);
    if (phase !== null && phase !== 'ended') {
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

  /** What would keep the room from being opened is told before it is booked. */
  async #logoProblems(id: string, configuration: unknown): Promise<FieldProblems> {
    const read = this.read(id, configuration);
    if (read.kind === 'problems' || read.room.look.logoPath === null) return [];
    const logo = await readLogo(read.room.look.logoPath);
    return logo.kind === 'problem' ? [{ field: 'look.logo', detail: logo.message }] : [];
  }

  /** Null from `plan` changes nothing. Several gateways may change the document at once: who was second plans again. */
  async #change(plan: (booked: Booked) => Booked | null): Promise<boolean> {
    const { store, onChanged } = this.#needs;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const previous = await store.readDocument(roomsDocument);
      const next = plan(decode(previous));
      if (next === null) return false;
      if (!(await store.replaceDocument(roomsDocument, previous, JSON.stringify(next)))) continue;
      await onChanged();
      return true;
    }
    throw new Error(`the rooms changed ${triesMax} times while they were being changed`);
  }
}

/** A room may be called `constructor`: what every object inherits is no room. */
function decode(document: string | null): Booked {
  const booked: Booked = document === null ? {} : (JSON.parse(document) as Booked);
  return Object.assign(Object.create(null), booked) as Booked;
}
