// Logins that were ended before their time: a document in the store that all gateways know, bounded, and without anything
// that somebody could log in with.

import { createHash } from 'node:crypto';
import type { OperatorsStore } from '../store/operators-store.ts';

/** When each would have ended by itself, by its mark. */
type Ended = Readonly<Record<string, number>>;

const documentName = 'ended-sessions';
/** More logouts in twelve hours than operators come to; then those that end soonest are forgotten. */
const endedMax = 1_000;
const refreshPeriodMs = 800;
const triesMax = 5;

export class EndedSessions {
  readonly #store: OperatorsStore;
  #ended: Ended = {};
  #refreshing: NodeJS.Timeout | null = null;

  /** Rejects while the store cannot be read. */
  static async open(store: OperatorsStore): Promise<EndedSessions> {
    const sessions = new EndedSessions(store);
    await sessions.refresh();
    sessions.#refreshing = setInterval(() => {
      // A store that is away forgets no logout that is known here; it is asked again.
      sessions.refresh().catch(() => undefined);
    }, refreshPeriodMs).unref();
    return sessions;
  }

  private constructor(store: OperatorsStore) {
    this.#store = store;
  }

  has(session: string): boolean {
    return Object.hasOwn(this.#ended, markOf(session));
  }

  /** OP229. Several gateways may end sessions at once: who was second tries again. */
  async add(session: string, endsAtMs: number, nowMs: number): Promise<void> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const previous = await this.#store.readDocument(documentName);
      const all = { ...decode(previous), [markOf(session)]: endsAtMs };
      const kept = Object.entries(all).filter(([, untilMs]) => untilMs > nowMs);
      const next: Ended = Object.fromEntries(kept.sort(([, left], [, right]) => right - left).slice(0, endedMax));
      if (!(await this.#store.replaceDocument(documentName, previous, JSON.stringify(next)))) continue;
      this.#ended = next;
      return;
    }
    throw new Error(`the ended sessions changed ${triesMax} times while one was being added`);
  }

  async refresh(): Promise<void> {
    this.#ended = decode(await this.#store.readDocument(documentName));
  }

  stop(): void {
    if (this.#refreshing !== null) clearInterval(this.#refreshing);
  }
}

function decode(document: string | null): Ended {
  return document === null ? {} : (JSON.parse(document) as Ended);
}

function markOf(session: string): string {
  return createHash('sha256').update(session).digest('base64url').slice(0, 22);
}
