// What the page makes of answers and closes: pure decisions of the browser code.
import { expect, test } from 'vitest';
import { type Answer, isTicketRefused } from '../../../src/page/browser/answer.ts';
import { delayMs, politeDelayMs } from '../../../src/page/browser/backoff.ts';
import { stepOfAnswer } from '../../../src/page/browser/claim-step.ts';
import { endOfClose } from '../../../src/page/browser/close-codes.ts';
import { isOverdue, joinDelayMs } from '../../../src/page/browser/join-delay.ts';
import { returnAddress } from '../../../src/page/browser/return-address.ts';
import type { Notice } from '../../../src/page/visit.ts';
import { aStatus, nowMs } from './a-status.ts';

const answer = (code: number, rest: Partial<Answer> = {}): Answer => ({
  code,
  body: {},
  status: null,
  retryAfterMs: null,
  ...rest,
});
const problem = (code: number, name: string): Answer => answer(code, { body: { code: name } });
const stepOf = (given: Answer) => stepOfAnswer(given, '/t', 1, 0.5);

test('[PG8] waits between attempts grow, are capped and are spread', () => {
  const backoff = { firstMs: 1_000, mostMs: 30_000 };
  expect([0, 1, 2, 10, 5_000].map(failures => delayMs(backoff, failures, 1))).toEqual([
    1_000, 2_000, 4_000, 30_000, 30_000,
  ]);
  expect(delayMs(backoff, 1, 0)).toBe(1_000);
  expect([politeDelayMs(4_000, 0), politeDelayMs(4_000, 1)]).toEqual([4_000, 6_000]);
});

test.each([
  [1006, '', { kind: 'retry', waitMs: null }],
  [1001, '', { kind: 'retry', waitMs: null }],
  [4000, '', { kind: 'retry', waitMs: null }],
  [4001, '8000', { kind: 'retry', waitMs: 8_000 }],
  [4001, '99999999', { kind: 'retry', waitMs: 30_000 }],
  [4001, 'soon', { kind: 'retry', waitMs: null }],
  [4099, '', { kind: 'retry', waitMs: null }],
  [4101, '', { kind: 'invalid' }],
  [4102, '', { kind: 'superseded' }],
  [4104, '', { kind: 'left' }],
  [4199, '', { kind: 'invalid' }],
  [4200, '', { kind: 'retry', waitMs: null }],
])('[PG9] close code %i with reason "%s" is followed by what its range says', (code, reason, end) => {
  expect(endOfClose(code, reason)).toEqual(end);
});

test('[PG10] a granted claim goes to the address of the answer, else to the one asked for', () => {
  expect(stepOf(answer(201, { body: { pass: 'p', returnTo: '/a?b' } }))).toEqual({ kind: 'granted', returnTo: '/a?b' });
  expect(stepOf(answer(200, { body: { pass: 'p' } }))).toEqual({ kind: 'granted', returnTo: '/t' });
});

test('[PG10] a busy claim gate is asked again after next, as long as it is this turn', () => {
  const busy = answer(202, { status: aStatus({ state: 'entering', next: 1_500 }), retryAfterMs: 2_000 });
  expect(stepOf(busy)).toEqual({ kind: 'again', waitMs: 1_500 });
  expect(stepOf(answer(202, { status: aStatus({ state: 'waiting' }) }))).toEqual({ kind: 'refused' });
});

test('[PG10] failures keep the turn: asked again within 5 s', () => {
  for (const code of [0, 429, 500, 502, 503]) expect(stepOf(answer(code))).toEqual({ kind: 'again', waitMs: 1_500 });
  expect(stepOfAnswer(answer(503), '/t', 99, 1)).toEqual({ kind: 'again', waitMs: 4_000 });
});

test('[PG10] not called, ended and refused tickets end the claim', () => {
  expect(stepOf(problem(409, 'not-called'))).toEqual({ kind: 'refused' });
  expect(stepOf(problem(410, 'room-ended'))).toEqual({ kind: 'refused' });
  for (const code of ['ticket-missing', 'ticket-invalid', 'ticket-other-room']) {
    expect(stepOf(problem(401, code))).toEqual({ kind: 'invalid' });
  }
});

test('[PG135] what a firewall or a portal answers in our place neither grants nor refuses anything', () => {
  // A 403 of a firewall said that the ticket was invalid, and the 200 of a portal sent the fan off without a pass.
  for (const code of [200, 201, 202, 401, 403, 409, 410]) {
    expect(stepOf(answer(code)), String(code)).toEqual({ kind: 'again', waitMs: 1_500 });
    expect(isTicketRefused(answer(code)), String(code)).toBe(false);
  }
});

const closed = (opensInMs: number, retryAfterSeconds?: number): Notice => ({
  kind: 'room-closed',
  opensAt: new Date(nowMs + opensInMs).toISOString(),
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

test('[PG11] a page before the opening asks exactly when it was told, else at the opening, and looks whether it moved', () => {
  // It spread itself over two seconds in every room: behind who pressed reload where places go by arrival.
  for (const chance of [0, 1]) {
    expect(joinDelayMs(closed(60_000, 60.05), nowMs, 0, chance)).toBe(60_050);
    expect(joinDelayMs(closed(60_000, 62.71), nowMs, 0, chance)).toBe(62_710);
    expect(joinDelayMs(closed(60_000), nowMs, 0, chance)).toBe(60_000);
    expect(joinDelayMs(closed(86_400_000), nowMs, 0, chance)).toBe(120_000);
    expect(joinDelayMs({ kind: 'room-closed', opensAt: null }, nowMs, 0, chance)).toBe(120_000);
  }
});

test('[PG146] a room that should be open and is not is asked again soon, then ever later, spread and capped', () => {
  // 19,000 pages asked 18,000 times a second while the caller was away at the opening.
  const late = closed(-1_000, 0.05);
  expect(isOverdue(late, nowMs)).toBe(true);
  // A phone whose clock was set back meanwhile does not ask for ever.
  expect(isOverdue(late, nowMs - 3_600_000)).toBe(true);
  expect([1, 2, 4, 40].map(overdues => joinDelayMs(late, nowMs, overdues, 1))).toEqual([500, 1_000, 4_000, 30_000]);
  expect([1, 2, 4, 40].map(overdues => joinDelayMs(late, nowMs, overdues, 0))).toEqual([250, 500, 2_000, 15_000]);
  expect(isOverdue(closed(60_000, 60), nowMs)).toBe(false);
  expect(joinDelayMs(closed(2_000, 2.1), nowMs, 1, 1)).toBe(2_100);
});

test('[PG11] a page that could not join asks again no sooner than it was told, and never after the end', () => {
  expect(joinDelayMs({ kind: 'busy', retryAfterSeconds: 10 }, nowMs, 0, 0)).toBe(10_000);
  expect(joinDelayMs({ kind: 'store-unavailable' }, nowMs, 0, 1)).toBe(7_500);
  expect(joinDelayMs({ kind: 'room-ended' }, nowMs, 0, 0)).toBeNull();
  expect(joinDelayMs({ kind: 'not-found' }, nowMs, 0, 0)).toBeNull();
});

const here = 'https://shop.example/tickets?day=1';

test.each([
  ['/tickets?day=1', '', 'https://shop.example/tickets?day=1'],
  ['/tickets?day=1', '#seat-5', 'https://shop.example/tickets?day=1#seat-5'],
  ['/tickets#own', '#seat-5', 'https://shop.example/tickets#own'],
  ['//evil.example/x', '', 'https://shop.example/'],
  ['\\\\evil.example', '', 'https://shop.example/'],
  ['/\\evil.example', '', 'https://shop.example/'],
  ['https://evil.example/', '', 'https://shop.example/'],
  ['javascript:alert(1)', '', 'https://shop.example/'],
  ['data:text/html,x', '', 'https://shop.example/'],
  ['/%2f%2fevil.example', '', 'https://shop.example/%2f%2fevil.example'],
  ['http://[', '', 'https://shop.example/'],
])('[PG12] the way on to %j with the fragment "%s" stays in the origin', (returnTo, fragment, address) => {
  expect(returnAddress(returnTo, here, fragment)).toBe(address);
});
