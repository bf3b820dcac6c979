// A STATUS at a fixed instant for the page's unit tests.
import type { Status } from '../../../src/page/status.ts';

export const nowMs = Date.parse('2027-05-09T01:00:00.000Z');

export const aStatus = (change: Partial<Status> = {}): Status => ({
  v: 1,
  room: 'sale',
  phase: 'open',
  paused: false,
  state: 'waiting',
  number: 18_204,
  place: 6_011,
  ahead: 5_420,
  total: 18_951,
  etaSeconds: [2_100, 2_900],
  pacePerMinute: 120,
  startsAt: null,
  claimBy: null,
  message: null,
  asOf: new Date(nowMs).toISOString(),
  checking: false,
  next: 1_000,
  ...change,
});
