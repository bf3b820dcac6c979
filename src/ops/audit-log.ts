// The audit trail: who did what, when, why, and what it was before and after. Written before a thing is done, so that
// nothing is done unwritten; a thing that then failed gets a second record that says so.
import { randomBytes } from 'node:crypto';
import type { OperatorsStore } from '../store/operators-store.ts';
import type { Operator } from './operator.ts';

export type AuditRecord = {
  /** Names the deed; a record of its failure has the same. */
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
  /** Null: it was done, or its outcome was never known. */
  readonly failure: string | null;
};

export type Deed = Pick<AuditRecord, 'what' | 'room' | 'why' | 'before' | 'after'> & { readonly operator: Operator };

export const auditLogName = 'audit';
/** The oldest records go when there are more; export them before. */
export const auditRecordsMax = 100_000;

export class AuditLog {
  readonly #store: OperatorsStore;
  readonly #nowMs: () => number;

  constructor(store: OperatorsStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Writes the deed down, then does it. `failed` tells from the outcome whether it was not done, and why. */
  async write<T>(deed: Deed, act: () => Promise<T>, failed: (outcome: T) => string | null): Promise<T> {
    const { operator, ...facts } = deed;
    const record = {
      id: randomBytes(9).toString('base64url'),
      who: operator.name,
      role: operator.role,
      via: operator.via,
    };
    await this.#append({ ...record, ...facts, at: this.#now(), failure: null });
    let failure: string | null;
    try {
      const outcome = await act();
      failure = failed(outcome);
      if (failure === null) return outcome;
      await this.#append({ ...record, ...facts, at: this.#now(), failure });
      return outcome;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // The store may be what failed; that the outcome is not known is then told to the operator alone.
      await this.#append({ ...record, ...facts, at: this.#now(), failure: reason }).catch(() => undefined);
      throw error;
    }
  }

  /** Newest first, before a position. */
  async read(before: number | null, limit: number): Promise<readonly (AuditRecord & { readonly position: number })[]> {
    const records = await this.#store.readRecords(auditLogName, before, limit);
    return records.map(({ position, body }) => ({ position, ...(JSON.parse(body) as AuditRecord) }));
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString();
  }

  async #append(record: AuditRecord): Promise<void> {
    await this.#store.appendRecord(auditLogName, JSON.stringify(record), auditRecordsMax);
  }
}
