// Operators' documents and logs in memory, for tests that are about something else.

import type { OperatorsStore } from '../../src/store/operators-store.ts';

export function memoryOperators(): OperatorsStore {
  const documents = new Map<string, string>();
  const logs = new Map<string, { readonly position: number; readonly body: string }[]>();
  let position = 0;
  return {
    readDocument: async name => documents.get(name) ?? null,
    async replaceDocument(name, previous, next) {
      if ((documents.get(name) ?? null) !== previous) return false;
      documents.set(name, next);
      return true;
    },
    async appendRecord(log, body, keepMax) {
      position += 1;
      logs.set(log, [...(logs.get(log) ?? []), { position, body }].slice(-keepMax));
    },
    readRecords: async (log, before, limit) =>
      (logs.get(log) ?? [])
        .filter(record => before === null || record.position < before)
        .slice(-limit)
        .reverse(),
  };
}
