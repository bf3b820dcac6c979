// Brings SQLite's write-ahead log to the disk, at once or a moment later beside what is written next. A sync that fails
// ends the thread: what is on the disk nobody knows then, so whoever has the folder next reads it. // ST291

import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';

/** What is not waited for is gathered for so long. */
const soonMs = 5;

export class LogSync {
  readonly #log: number;
  #soon: NodeJS.Timeout | null = null;
  #isUnderWay = false;
  #isClosed = false;

  /** The log must be there already, as it is once the file was read. */
  constructor(path: string) {
    this.#log = openSync(path, 'r+');
  }

  /** Everything written so far is on the disk when this returns. */
  now(): void {
    this.#forgetSoon();
    fdatasyncSync(this.#log);
  }

  /** Everything written so far is on the disk a moment later: after 10 ms, and what two syncs take at most. */
  soon(): void {
    this.#soon ??= setTimeout(() => this.#syncBeside(), soonMs);
  }

  close(): void {
    this.#forgetSoon();
    this.#isClosed = true;
    if (!this.#isUnderWay) closeSync(this.#log);
  }

  #syncBeside(): void {
    this.#soon = null;
    // It may not hold what was written since it began.
    if (this.#isUnderWay) return this.soon();
    this.#isUnderWay = true;
    fdatasync(this.#log, error => {
      this.#isUnderWay = false;
      if (error !== null) throw error;
      if (this.#isClosed) closeSync(this.#log);
    });
  }

  #forgetSoon(): void {
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#soon = null;
  }
}
