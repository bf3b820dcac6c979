// Operators' documents and logs in the embedded store: requests to the disk thread, nothing kept in memory.

import type { LogRecord, OperatorsStore } from '../operators-store.ts';
import type { Disk } from './disk.ts';

export class EmbeddedOperators implements OperatorsStore {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  readDocument(name: string): Promise<string | null> {
    return this.#disk.request({ kind: 'read-document', name });
  }

  replaceDocument(name: string, previous: string | null, next: string): Promise<boolean> {
    return this.#disk.request({ kind: 'replace-document', name, previous, next });
  }

  async appendRecord(log: string, body: string, keepMax: number): Promise<void> {
    await this.#disk.request({ kind: 'append-record', log, body, keepMax });
  }

  readRecords(log: string, before: number | null, limit: number): Promise<readonly LogRecord[]> {
    return this.#disk.request({ kind: 'read-records', log, before, limit });
  }
}
