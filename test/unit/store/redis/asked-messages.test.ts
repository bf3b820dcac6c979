// What gateways ask each other, read: a request that is not understood is refused alone.

import { expect, test } from 'vitest';
import { ShopTally } from '../../../../src/admission/shop-report.ts';
import { decodeAsked } from '../../../../src/store/redis/asked-messages.ts';

function read(request: unknown): unknown {
  const other = { id: 'b', request: { kind: 'leave', place: 7 } };
  const { requests } = decodeAsked(JSON.stringify({ from: 'one', requests: [{ id: 'a', request }, other] }));
  expect(requests[1]).toEqual(other);
  return requests[0]?.request;
}

function seen(): Record<string, unknown> {
  const tally = new ShopTally();
  tally.add('inside', false, 15);
  return { ...tally.take() };
}

test('[ST182] a report that gateways send is understood, also with a class more', () => {
  for (const report of [seen(), { ...seen(), lobby: {} }]) {
    const request = { kind: 'shop-seen', report };
    expect(read(request)).toEqual(request);
  }
});

const one = { answers: 1, bad: 0, latencies: [1] };
test.each([
  [{}],
  [{ checkout: one, inside: one }],
  [{ checkout: one, inside: one, entry: null }],
  [{ checkout: one, inside: one, entry: { ...one, answers: 'many' } }],
  [{ checkout: one, inside: one, entry: { ...one, bad: -1 } }],
  [{ checkout: one, inside: one, entry: { ...one, latencies: [0.5] } }],
  [{ checkout: one, inside: one, entry: { answers: 1, bad: 0 } }],
])('[ST182] [ST102] the report %j is not, and what came with it is', report => {
  expect(read({ kind: 'shop-seen', report })).toBeNull();
});
