// The audit trail: who did what, when, why, and what it was before and after. Written before a thing is done, so that
// nothing is done unwritten; a thing that then failed, of which nobody knows, or that replaced something else than was
// thought, gets a second record that says so.
import { randomBytes } from 'node:crypto';
import { setImmediate as rest } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { OperatorsStore } from '../store/operators-store.ts';
import { isStoreError } from '../store/store-error.ts';
import type { Operator } from './operator.ts';

export type AuditRecord = {
  /** Names the deed; the record of what became of it has the same. */
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly role: Operator['role'];
  readonly via: Operator['via'];
  /** The operation, as in `setPace`. */
  readonly what: string;
  readonly room: string | null;
  readonly why: string | null;
  readonly before: unknown;
  readonly after: unknown;
  /**
   * `asked` is written before, and stands for done unless a later record of the same id says otherwise; `done`: what was
   * before is what it really replaced.
   */
  readonly outcome: AuditOutcome;
  /** Why it was not done, or why nobody knows; null in the record before. */
  readonly failure: string | null;
};

export const auditOutcomes = ['asked', 'done', 'failed', 'unknown'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export type Deed = Pick<AuditRecord, 'what' | 'room' | 'why' | 'before' | 'after'> & { readonly operator: Operator };

export const auditLogName = 'audit';
/** The oldest records go when there are more; export them before. */
export const auditRecordsMax = 100_000;
/** A record has mostly half a KB, and up to some 200 KB: a message in forty languages in the place of another. */
export const exportPageMax = 100;

export class AuditLog {
  readonly #store: OperatorsStore;
  readonly #nowMs: () => number;

  constructor(store: OperatorsStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /**
   * OP191. Writes the deed down, then does it. `failed` tells from the outcome whether it was not done, and why;
   * `replaced` what was there before, where that is known only then (undefined: it is not).
   */
  async write<T>(
    deed: Deed,
    act: () => Promise<T>,
    failed: (outcome: T) => string | null,
    replaced: (outcome: T) => Promise<unknown> = async () => undefined,
  ): Promise<T> {
    const { operator, ...facts } = deed;
    const record = {
      id: randomBytes(9).toString('base64url'),
      who: operator.name,
      role: operator.role,
      via: operator.via,
    };
    await this.#append({ ...record, ...facts, at: this.#now(), outcome: 'asked', failure: null });
    try {
      const result = await act();
      const failure = failed(result);
      if (failure === null) {
        await this.#correct({ ...record, ...facts }, await replaced(result));
        return result;
      }
      await this.#append({ ...record, ...facts, at: this.#now(), outcome: 'failed', failure });
      return result;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      // Who did not answer in time may have done it, or do it yet.
      const outcome = isStoreError(error, 'unavailable') ? 'unknown' : 'failed';
      // The store may be what failed; that the outcome is not known is then told to the operator alone.
      await this.#append({ ...record, ...facts, at: this.#now(), outcome, failure }).catch(() => undefined);
      throw error;
    }
  }

  /** OP223. It is done: a trail that cannot be written now keeps what was thought to be there before. */
  async #correct(record: Omit<AuditRecord, 'at' | 'outcome' | 'failure'>, before: unknown): Promise<void> {
    if (before === undefined || isDeepStrictEqual(before, record.before)) return;
    const done = { ...record, before, at: this.#now(), outcome: 'done', failure: null } as const;
    await this.#append(done).catch(() => undefined);
  }

  /** Newest first, before a position. */
  async read(before: number | null, limit: number): Promise<readonly (AuditRecord & { readonly position: number })[]> {
    const records = await this.#store.readRecords(auditLogName, before, limit);
    return records.map(({ position, body }) => ({ position, ...(JSON.parse(body) as AuditRecord) }));
  }

  /**
   * All records as JSON lines, newest first, a page at a time and only when it is asked for: each as it stands in the store,
   * with its position. OP200
   */
  async *exportPages(): AsyncGenerator<string, void> {
    for (let before: number | null = null; ; await rest()) {
      const records: Awaited<ReturnType<OperatorsStore['readRecords']>> = await this.#store.readRecords(
        auditLogName,
        before,
        exportPageMax,
      );
      yield records.map(({ position, body }) => `{"position":${position},${body.slice(1)}\n`).join('');
      before = records.at(-1)?.position ?? null;
      if (records.length < exportPageMax || before === null) return;
    }
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString();
  }

  async #append(record: AuditRecord): Promise<void> {
    await this.#store.appendRecord(auditLogName, JSON.stringify(record), auditRecordsMax);
  }
}
