// What this gateway knows of one room's history: a snapshot and every change after it, each named by its commit. With it
// a lost message is noticed, a history that went another way is told from one that lost its end, and the end is kept.

export type Entry = { readonly tag: string; readonly body: string };

/** A room's history as the store has it. A tag names the commit that a change came with; '' before the first. */
export type StoredHistory = {
  readonly base: number;
  readonly baseTag: string;
  readonly snapshot: Uint8Array | null;
  readonly entries: readonly Entry[];
  readonly epoch: number;
  /** When, by the store's clock, and by whom it was begun; '' never. Of two, the later one was begun after a loss. */
  readonly origin: string;
  /** Somebody called since the server process that has it now has it. */
  readonly isLed: boolean;
};

/** Of changes that a snapshot stands for, the tags of so many are still known. */
const oldTagsMax = 8_192;
const unknownTag = '?';

export function versionOf({ base, entries }: StoredHistory): number {
  return base + entries.length;
}

export function tagOf({ baseTag, entries }: StoredHistory): string {
  return entries.at(-1)?.tag ?? baseTag;
}

export class HistoryMemory {
  #base = 0;
  #baseTag = '';
  #snapshot: Uint8Array | null = null;
  #entries: Entry[] = [];
  /** Tags of the changes up to the base, the last one last. */
  #oldTags: string[] = [];
  #epoch = 0;
  #origin = '';

  get version(): number {
    return this.#base + this.#entries.length;
  }

  get base(): number {
    return this.#base;
  }

  /** Changes that no snapshot stands for. */
  get length(): number {
    return this.#entries.length;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get origin(): string {
    return this.#origin;
  }

  get tag(): string {
    return this.#entries.at(-1)?.tag ?? this.#baseTag;
  }

  /** The tag of the last of the first `version` changes; undefined when that is not known any more, or not yet. */
  tagAt(version: number): string | undefined {
    if (version === 0) return '';
    if (version === this.#base) return this.#baseTag;
    if (version > this.#base) return this.#entries[version - this.#base - 1]?.tag;
    const tag = this.#oldTags.at(version - this.#base - 1);
    return tag === unknownTag ? undefined : tag;
  }

  /** True when the store's history is the beginning of this one and no more, or was begun anew: this one was lost. */
  isLostIn(stored: StoredHistory): boolean {
    if (this.#isOther(stored)) return this.version > 0 && stored.origin > this.#origin;
    const version = versionOf(stored);
    if (version >= this.version) return false;
    const known = this.tagAt(version);
    // It ends before all that is known here by name: it is the beginning of this one unless somebody went on with it. // ST232
    return known === undefined ? !stored.isLed && stored.epoch <= this.#epoch : known === tagOf(stored);
  }

  /** True when the store's history goes on where this one ends, as far as can be told. */
  isContinuedBy(stored: StoredHistory): boolean {
    if (versionOf(stored) < this.version || (this.version > 0 && this.#isOther(stored))) return false;
    if (this.version < stored.base) return true;
    const known = this.version === stored.base ? stored.baseTag : stored.entries[this.version - stored.base - 1]?.tag;
    return (this.version === 0 ? '' : known) === this.tag;
  }

  /** How many of the changes known here, the last ones, another history does not have. */
  missingIn(stored: StoredHistory): number {
    if (this.#isOther(stored)) return this.version;
    const tagThere = (version: number) =>
      version === stored.base ? stored.baseTag : stored.entries[version - stored.base - 1]?.tag;
    for (let version = Math.min(this.version, versionOf(stored)); version >= stored.base; version -= 1) {
      if (version === 0 || this.tagAt(version) === tagThere(version)) return this.version - version;
    }
    return this.version - Math.min(this.version, stored.base);
  }

  /** Takes the store's history for its own. */
  adopt(stored: StoredHistory): void {
    if (this.isContinuedBy(stored)) this.#forgetUpTo(stored.base);
    else this.#oldTags = [];
    this.#base = stored.base;
    this.#baseTag = stored.baseTag;
    this.#snapshot = stored.snapshot;
    this.#entries = [...stored.entries];
    if (stored.origin !== '') this.#origin = stored.origin;
    this.heardEpoch(stored.epoch);
  }

  #isOther({ origin }: StoredHistory): boolean {
    return this.#origin !== '' && origin !== '' && origin !== this.#origin;
  }

  heardEpoch(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  /** Adds what is new of the entries after `from`; false when they do not go on here. */
  append(from: number, previous: string, entries: readonly Entry[]): boolean {
    const known = this.tagAt(from);
    if (from > this.version || (known !== undefined && known !== previous)) return false;
    const seen = this.version - from;
    const both = Math.min(seen, entries.length);
    const endsAlike = seen === 0 || this.tagAt(from + both) === entries[both - 1]?.tag;
    if (!endsAlike) return false;
    // One by one: a push of very many at once is too much for the stack.
    for (const entry of entries.slice(seen)) this.#entries.push(entry);
    return true;
  }

  /** A snapshot stands for the first `version` changes from now on. */
  compact(version: number, snapshot: Uint8Array): void {
    const tag = this.tagAt(version);
    if (version <= this.#base || version > this.version || tag === undefined) return;
    this.#forgetUpTo(version);
    this.#entries = this.#entries.slice(version - this.#base);
    this.#base = version;
    this.#baseTag = tag;
    this.#snapshot = snapshot;
  }

  /** The bodies of the changes after `version`; undefined when a snapshot stands for some of them. */
  bodiesAfter(version: number): readonly string[] | undefined {
    if (version < this.#base) return undefined;
    return this.#entries.slice(version - this.#base).map(({ body }) => body);
  }

  toStored(): StoredHistory {
    const { epoch, origin } = this;
    return {
      base: this.#base,
      baseTag: this.#baseTag,
      snapshot: this.#snapshot,
      entries: this.#entries,
      epoch,
      origin,
      isLed: true,
    };
  }

  #forgetUpTo(version: number): void {
    const tags: string[] = [];
    for (let at = Math.max(1, version - oldTagsMax + 1); at <= version; at++) tags.push(this.tagAt(at) ?? unknownTag);
    this.#oldTags = tags;
  }
}
