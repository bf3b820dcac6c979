// The metrics of how well a room is served: waits as they really were, estimates held against them, passes used, and what
// runs out one day.
import type { GatewayCounts, RoomCounts } from './counts.ts';
import { eachOf, eachRoom, number, one, type Row } from './metric-row.ts';

export const qualityMetrics: readonly Row[] = [
  number(
    'gauge',
    'room',
    'junban_absent_devices',
    ['room'],
    'Tickets that are neither called nor missed and whose device is not there.',
    eachRoom(({ absent }) => absent),
  ),
  histogram(
    'junban_wait_seconds',
    'From the join to the call (from the start, for who came before a draw), of devices called by this gateway.',
    ({ waits }) => waits.waits,
  ),
  number(
    'counter',
    'gateway',
    'junban_estimate_outcomes_total',
    ['room', 'outcome'],
    'Calls by where the real wait fell: inside the range told at the join or after the draw, sooner or later.',
    eachOf('outcome', ({ waits }) => waits.estimates),
  ),
  number(
    'counter',
    'gateway',
    'junban_pass_renewals_total',
    ['room'],
    'Passes whose device got a new token because it used the old one.',
    eachRoom(({ renewals }) => renewals),
  ),
  number(
    'gauge',
    'gateway',
    'junban_shop_certificate_expiry_timestamp_seconds',
    ['room'],
    'When the certificate of the shop runs out, in seconds since 1970; no sample without TLS.',
    eachRoom(({ certificateEndsAtMs }) => (certificateEndsAtMs === null ? null : certificateEndsAtMs / 1_000)),
  ),
  number(
    'gauge',
    'gateway',
    'junban_signing_key_timestamp_seconds',
    [],
    'Since when the key that signs passes signs, in seconds since 1970.',
    ({ signsFromMs }) => (signsFromMs === null ? [] : one(signsFromMs / 1_000)),
  ),
  number(
    'gauge',
    'gateway',
    'junban_store_certificate_expiry_timestamp_seconds',
    [],
    'When the certificate of the store runs out, in seconds since 1970; no sample without TLS.',
    ({ storeCertificateEndsAtMs: endsAtMs }) => (endsAtMs === null ? [] : one(endsAtMs / 1_000)),
  ),
  number(
    'gauge',
    'room',
    'junban_ops_token_expiry_timestamp_seconds',
    [],
    "When the next operators' token runs out, in seconds since 1970; no sample while none will.",
    ({ nextTokenEndAtMs: endsAtMs }) => (endsAtMs === null ? [] : one(endsAtMs / 1_000)),
  ),
  number(
    'counter',
    'gateway',
    'junban_ops_wrong_credentials_total',
    [],
    'Wrong tokens and forged logins that the ops listener got.',
    ({ wrongCredentials }) => one(wrongCredentials),
  ),
];

function histogram(name: string, help: string, value: (room: RoomCounts) => RoomCounts['waits']['waits']): Row {
  return {
    ...({ name, help, type: 'histogram', labels: ['room'], scope: 'gateway' } as const),
    read: ({ rooms }: GatewayCounts) => rooms.map(room => ({ labels: { room: room.report.room }, value: value(room) })),
  };
}
