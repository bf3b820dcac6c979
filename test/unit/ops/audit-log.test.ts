// What the audit trail, the report and the console say of a deed that was not done, and of one that nobody knows about.
import { expect, test } from 'vitest';
import { AuditLog, exportPageMax } from '../../../src/ops/audit-log.ts';
import { doubtOf, told } from '../../../src/ops/console/browser/deeds.ts';
import { deedsOf, tellDeed } from '../../../src/ops/report/tell-deed.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { memoryOperators } from '../../support/memory-operators.ts';

const deed = {
  operator: { name: 'alice', role: 'operator', via: 'token', isValid: () => true },
  ...{ what: 'pause', room: 'sale', why: null, before: {}, after: {} },
} as const;

async function trailOf(error: unknown) {
  const log = new AuditLog(memoryOperators(), () => 0);
  const write = log.write(
    deed,
    () => Promise.reject(error),
    () => null,
  );
  await expect(write).rejects.toBe(error);
  return log.read(null, 10);
}

test('[OP191] what got no answer in time is not known to be done, and not said to be not done', async () => {
  const trail = await trailOf(new StoreError('unavailable', 'no answer within 10000 ms'));
  expect(trail.map(({ outcome }) => outcome)).toEqual(['unknown', 'asked']);
  const doubt = 'hether it was done is not known: no answer within 10000 ms';
  expect(told(trail).map(doubtOf)).toEqual([`w${doubt}`]);
  expect(deedsOf([...trail].reverse()).map(tellDeed)).toEqual([`paused the room. <strong>W${doubt}.</strong>`]);
});

test('[OP74] what failed is told once, as not done', async () => {
  const trail = await trailOf(new Error('a bug'));
  expect(trail.map(({ outcome }) => outcome)).toEqual(['failed', 'asked']);
  expect(told(trail).map(doubtOf)).toEqual(['not done: a bug']);
  expect(deedsOf([...trail].reverse()).map(tellDeed)).toEqual(['paused the room. <strong>Not done: a bug.</strong>']);
});

test('[OP200] the export reads a page when it is asked for, and gives every record as it stands', async () => {
  const store = memoryOperators();
  const log = new AuditLog(store, () => 0);
  const done = () => Promise.resolve();
  for (let count = 0; count < exportPageMax + 5; count += 1) {
    await log.write({ ...deed, why: `no ${count}` }, done, () => null);
  }
  let reads = 0;
  const { readRecords } = store;
  store.readRecords = (...given) => {
    reads += 1;
    return readRecords(...given);
  };
  const pages = log.exportPages();
  const first = (await pages.next()).value ?? '';
  expect([reads, first.trim().split('\n').length]).toEqual([1, exportPageMax]);
  const second = (await pages.next()).value ?? '';
  expect([reads, (await pages.next()).done, reads]).toEqual([2, true, 2]);
  const exported = `${first}${second}`
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(exported).toEqual(await log.read(null, 1_000));
});
