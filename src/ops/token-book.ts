// Operators' tokens: those of the configuration and those made by the API. Only hashes are kept. What was made or revoked
// at one gateway holds at all of them within a second.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OperatorsStore } from '../store/operators-store.ts';
import type { Role } from './operator.ts';
import { versionOf } from './version-of.ts';

export type TokenFacts = {
  readonly name: string;
  readonly role: Role;
  readonly source: 'configuration' | 'api';
  readonly createdAt: string | null;
  readonly createdBy: string | null;
  /** Null: it does not run out. */
  readonly expiresAt: string | null;
};

/** A token of the configuration. */
export type ConfiguredToken = { readonly name: string; readonly role: Role; readonly token: string };

type Entry = TokenFacts & { readonly hash: string };

export type TokenMade =
  | { readonly kind: 'made'; readonly token: string; readonly facts: TokenFacts; readonly replaced: TokenFacts | null }
  | { readonly kind: 'changed-meanwhile' }
  | { readonly kind: 'refused'; readonly reason: string };
export type TokenRevoked = 'revoked' | 'unknown' | 'changed-meanwhile';

const documentName = 'tokens';
const tokensMax = 200;
/** Within a second, with the way to the store and back; more often would cost the store more than it is worth. */
const refreshPeriodMs = 800;
const triesMax = 5;

export class TokenBook {
  readonly #store: OperatorsStore;
  readonly #nowMs: () => number;
  readonly #configured: readonly Entry[];
  #made: readonly Entry[] = [];
  #refreshing: NodeJS.Timeout | null = null;

  /** Rejects while the store cannot be read. */
  static async open(of: {
    readonly store: OperatorsStore;
    readonly configured: readonly ConfiguredToken[];
    readonly nowMs: () => number;
  }): Promise<TokenBook> {
    const book = new TokenBook(of.store, of.configured, of.nowMs);
    await book.refresh();
    book.#refreshing = setInterval(() => {
      // A store that is away changes nothing about who may do what; it is asked again.
      book.refresh().catch(() => undefined);
    }, refreshPeriodMs).unref();
    return book;
  }

  private constructor(store: OperatorsStore, configured: readonly ConfiguredToken[], nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#configured = configured.map(({ name, role, token }) => ({
      ...{ name, role, hash: hashOf(token), source: 'configuration' },
      ...{ createdAt: null, createdBy: null, expiresAt: null },
    }));
  }

  /** Whether anybody at all could prove to be an operator. */
  get isEmpty(): boolean {
    return this.#configured.length + this.#made.length === 0;
  }

  list(): readonly TokenFacts[] {
    return this.#all().map(factsOf);
  }

  /** Of a token made by the API, as this gateway knows it: another one after it was made anew. */
  versionOf(name: string): number {
    return versionOf(entryIn(this.#made, name));
  }

  /** When the next one runs out; null: none will. */
  nextEndAtMs(): number | null {
    const nowMs = this.#nowMs();
    const ends = this.#all().flatMap(({ expiresAt }) => (expiresAt === null ? [] : [Date.parse(expiresAt)]));
    return ends.reduce<number | null>(
      (next, endsAtMs) => (endsAtMs <= nowMs || (next !== null && next <= endsAtMs) ? next : endsAtMs),
      null,
    );
  }

  /** OP4. Both sides are hashed, and every entry is compared whole: the time taken tells nothing about a token. */
  find(token: string): { readonly facts: TokenFacts; readonly hash: string } | 'unknown' | 'expired' {
    const given = Buffer.from(hashOf(token));
    let found: Entry | null = null;
    for (const entry of this.#all()) if (timingSafeEqual(Buffer.from(entry.hash), given)) found = entry;
    if (found === null) return 'unknown';
    return this.#isExpired(found) ? 'expired' : { facts: factsOf(found), hash: found.hash };
  }

  /** The token of that name while it is valid and its hash the one that is meant: what a session is worth. */
  stillHas(name: string, isMeant: (hash: string) => boolean): TokenFacts | null {
    const entry = this.#all().find(each => each.name === name && isMeant(each.hash));
    return entry === undefined || this.#isExpired(entry) ? null : factsOf(entry);
  }

  /**
   * Makes a token, or a new one in the place of the one of that name. It is told once and never again. `ifVersion`: only
   * while the one of that name is this one (0: while there is none); null: in any case.
   */
  async make(
    wanted: Pick<TokenFacts, 'name' | 'role' | 'createdBy' | 'expiresAt'>,
    ifVersion: number | null = null,
  ): Promise<TokenMade> {
    if (this.#configured.some(({ name }) => name === wanted.name)) {
      return { kind: 'refused', reason: 'a token of this name stands in the configuration' };
    }
    const token = `junban-${randomBytes(32).toString('base64url')}`;
    const createdAt = new Date(this.#nowMs()).toISOString();
    const entry: Entry = { ...wanted, hash: hashOf(token), source: 'api', createdAt };
    let before: Entry | null = null;
    let isOvertaken = false;
    const isMade = await this.#change(made => {
      before = entryIn(made, entry.name);
      isOvertaken = ifVersion !== null && ifVersion !== versionOf(before);
      if (isOvertaken) return null;
      const others = made.filter(({ name }) => name !== entry.name);
      return others.length < tokensMax ? [...others, entry] : null;
    });
    if (isOvertaken) return { kind: 'changed-meanwhile' };
    if (!isMade) return { kind: 'refused', reason: `there are ${tokensMax} tokens already` };
    return { kind: 'made', token, facts: factsOf(entry), replaced: before === null ? null : factsOf(before) };
  }

  /** `unknown`: there is none of that name that was made by the API. */
  async revoke(name: string, ifVersion: number | null = null): Promise<TokenRevoked> {
    let isOvertaken = false;
    const isDone = await this.#change(made => {
      const known = entryIn(made, name);
      isOvertaken = known !== null && ifVersion !== null && ifVersion !== versionOf(known);
      return known === null || isOvertaken ? null : made.filter(each => each.name !== name);
    });
    if (isDone) return 'revoked';
    return isOvertaken ? 'changed-meanwhile' : 'unknown';
  }

  async refresh(): Promise<void> {
    this.#made = decode(await this.#store.readDocument(documentName));
  }

  stop(): void {
    if (this.#refreshing !== null) clearInterval(this.#refreshing);
  }

  #all(): readonly Entry[] {
    return [...this.#configured, ...this.#made];
  }

  #isExpired({ expiresAt }: Entry): boolean {
    return expiresAt !== null && Date.parse(expiresAt) <= this.#nowMs();
  }

  /** Null from `plan` changes nothing. Several gateways may change the document at once: who was second plans again. */
  async #change(plan: (made: readonly Entry[]) => readonly Entry[] | null): Promise<boolean> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const previous = await this.#store.readDocument(documentName);
      const next = plan(decode(previous));
      if (next === null) return false;
      if (!(await this.#store.replaceDocument(documentName, previous, JSON.stringify(next)))) continue;
      this.#made = next;
      return true;
    }
    throw new Error(`the tokens changed ${triesMax} times while they were being changed`);
  }
}

function decode(document: string | null): readonly Entry[] {
  return document === null ? [] : (JSON.parse(document) as readonly Entry[]);
}

const entryIn = (made: readonly Entry[], name: string): Entry | null => made.find(each => each.name === name) ?? null;

function factsOf({ hash: _secret, ...facts }: Entry): TokenFacts {
  return facts;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
