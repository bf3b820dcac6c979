// What of the store's work is timed, and what counts as not answered well.

import { expect, test } from 'vitest';
import { measureStore, newStoreTally } from '../../../src/ops/measured-store.ts';
import type { OperatorsStore } from '../../../src/store/operators-store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { memoryOperators } from '../../support/memory-operators.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

// Documents, logs and counts of numbers were most of what the store was asked, and the dashboard showed none of it.
test('[OP232] what operators leave behind and the counts of numbers are timed, and their failures counted', async () => {
  const operators = memoryOperators();
  const store = Object.assign(new MemoryStore(new VirtualClock()), { operators });
  const tally = newStoreTally();
  measureStore({ store, exchange: null }, tally, null);
  await store.countNumbers('sale');
  await store.operators.replaceDocument('tokens', null, '[]');
  expect(await store.operators.readDocument('tokens')).toBe('[]');
  await store.operators.appendRecord('audit', '{}', 10);
  expect(await store.operators.readRecords('audit', null, 10)).toHaveLength(1);
  const counts = Object.entries(tally).map(([name, { latency, errors }]) => {
    return [name, latency.counts.reduce((sum, count) => sum + count, 0), errors] as const;
  });
  expect(counts.filter(([, count]) => count > 0)).toEqual([
    ['count-numbers', 1, 0],
    ['documents', 2, 0],
    ['logs', 2, 0],
  ]);
});

test('[OP232] an operation of operators that the store does not answer is an error of it', async () => {
  const readDocument = () => Promise.reject(new StoreError('unavailable', 'the store is away'));
  const operators: OperatorsStore = { ...memoryOperators(), readDocument };
  const store = Object.assign(new MemoryStore(new VirtualClock()), { operators });
  const tally = newStoreTally();
  measureStore({ store, exchange: null }, tally, null);
  await expect(store.operators.readDocument('tokens')).rejects.toThrow('the store is away');
  expect(tally.documents.errors).toBe(1);
});
