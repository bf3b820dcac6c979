// The name of a request on its way to the shop.
import { expect, test } from 'vitest';
import { nameRequest, requestIdIn } from '../../../src/proxy/request-trace.ts';

test('[OP116] a request without a name gets an id and a trace context, each time another', () => {
  const [one, other] = [
    Object.fromEntries(nameRequest([['host', 'x']]).added),
    Object.fromEntries(nameRequest([]).added),
  ];
  expect(one['traceparent']).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
  expect(one['traceparent']).toContain(one['x-request-id']);
  expect(other['x-request-id']).not.toBe(one['x-request-id']);
});

test('[OP116] what the fan or a front sent is kept', () => {
  expect(
    nameRequest([
      ['Traceparent', 'a'],
      ['X-Request-Id', 'b'],
    ]),
  ).toEqual({ requestId: 'b', traceparent: 'a', tracestate: '', added: [] });
  expect(nameRequest([['traceparent', 'a']]).added.map(([name]) => name)).toEqual(['x-request-id']);
});

test('[OP140] the id of a request is known where there is one', () => {
  expect([requestIdIn([['X-Request-ID', 'b']]), requestIdIn([['x-request-id', '']]), requestIdIn([])]).toEqual([
    'b',
    null,
    null,
  ]);
});
