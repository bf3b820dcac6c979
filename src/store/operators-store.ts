// The port to what operators leave behind beside the lines of rooms: small documents that several may change, and bounded
// logs that only grow at their end. It knows nothing of what either means.

/** A record of a log. Positions grow along the log and have gaps; they are opaque otherwise. */
export type LogRecord = { readonly position: number; readonly body: string };

/**
 * Methods reject with StoreError `unavailable` when the store cannot answer in time; a write that was so answered may or
 * may not have happened. What was answered survives what a room's history survives.
 */
export interface OperatorsStore {
  /** Null: there is none. */
  readDocument(name: string): Promise<string | null>;

  /** Puts `next`, which is not empty, in the place of `previous` (null: there was none). False: somebody changed it. */
  replaceDocument(name: string, previous: string | null, next: string): Promise<boolean>;

  /** Appends a record, which differs from the one before it, and lets go of all but the newest `keepMax`. */
  appendRecord(log: string, body: string, keepMax: number): Promise<void>;

  /** At most `limit` records with positions below `before` (null: the newest), newest first. */
  readRecords(log: string, before: number | null, limit: number): Promise<readonly LogRecord[]>;
}
