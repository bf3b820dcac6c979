// Operators' documents that are looked at often and change seldom: whoever replaces one tells the others by name, so it is
// read when it changed, and now and then. What is stored, and what is put back, is left to redis-operators.ts. // ST141

import type { LogRecord, OperatorsStore } from '../operators-store.ts';
import { operatorsChannel } from './keys.ts';
import type { RedisOperators } from './redis-operators.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A change that nobody could tell us of (a lost message, a FLUSHALL) is noticed after so long. */
const freshMsMax = 5_000;
const documentsMax = 1_000;

type Fresh = { readonly text: string | null; readonly readAtMs: number };

export class HeardDocuments implements OperatorsStore {
  readonly #stored: RedisOperators;
  /** What nobody is known to have changed since it was read. */
  readonly #fresh = new Map<string, Fresh>();
  /** What was read while a change was told may be older than the change. */
  #tellings = 0;
  #isListening = false;

  constructor(stored: RedisOperators, prefix: string, subscriptions: Pick<Subscriptions, 'add'>) {
    this.#stored = stored;
    subscriptions.add(operatorsChannel(prefix), {
      onMessage: name => this.#forget(name),
      onSubscribed: () => this.#listen(true),
      onLost: () => this.#listen(false),
    });
  }

  async readDocument(name: string): Promise<string | null> {
    const fresh = this.#fresh.get(name);
    const [tellings, readAtMs] = [this.#tellings, performance.now()];
    if (fresh !== undefined && readAtMs - fresh.readAtMs < freshMsMax) return fresh.text;
    this.#fresh.delete(name);
    const text = await this.#stored.readDocument(name);
    const isSure = this.#isListening && tellings === this.#tellings;
    if (isSure && this.#fresh.size < documentsMax) this.#fresh.set(name, { text, readAtMs });
    return text;
  }

  async replaceDocument(name: string, previous: string | null, next: string): Promise<boolean> {
    try {
      return await this.#stored.replaceDocument(name, previous, next);
    } finally {
      // Also where the answer was lost: it may have happened.
      this.#forget(name);
    }
  }

  /** Looks for every document that this gateway knows. For when Redis was found to have lost something, or may have. */
  putBack(): Promise<void> {
    this.#listen(this.#isListening);
    return this.#stored.putBack();
  }

  appendRecord(log: string, body: string, keepMax: number): Promise<void> {
    return this.#stored.appendRecord(log, body, keepMax);
  }

  readRecords(log: string, before: number | null, limit: number): Promise<readonly LogRecord[]> {
    return this.#stored.readRecords(log, before, limit);
  }

  #forget(name: string): void {
    this.#tellings += 1;
    this.#fresh.delete(name);
  }

  #listen(isListening: boolean): void {
    this.#isListening = isListening;
    this.#tellings += 1;
    this.#fresh.clear();
  }
}
