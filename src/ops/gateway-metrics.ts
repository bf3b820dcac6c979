// The metrics of one gateway process: the shop as it sees it, pushing, refusals, the store, the process itself.
import { eachOf, eachRoom, flag, number, one, type Row, samplesOf } from './metric-row.ts';

const startSeconds = Math.round(performance.timeOrigin) / 1_000;

export const gatewayMetrics: readonly Row[] = [
  number(
    'counter',
    'gateway',
    'junban_shop_requests_total',
    ['room', 'outcome'],
    'Requests to the shop that are over, by status class or what went wrong.',
    eachOf('outcome', ({ shop }) => shop.outcomes),
  ),
  number(
    'counter',
    'gateway',
    'junban_shop_signature_hits_total',
    ['room'],
    'Answers of the shop that carried an error signature.',
    eachRoom(({ shop }) => shop.signatureHits),
  ),
  number(
    'gauge',
    'gateway',
    'junban_shop_in_flight_requests',
    ['room'],
    'Requests to the shop that have not ended.',
    eachRoom(({ shopInFlight }) => shopInFlight),
  ),
  number(
    'gauge',
    'gateway',
    'junban_shop_limit_requests',
    ['room'],
    'How many requests the shop can work on at once, as learned.',
    eachRoom(({ shopLimit }) => shopLimit),
  ),
  number(
    'gauge',
    'gateway',
    'junban_shop_waiting_requests',
    ['room'],
    'Requests that wait for the shop to have room.',
    eachRoom(({ shopWaiting }) => shopWaiting),
  ),
  {
    name: 'junban_shop_first_byte_seconds',
    type: 'histogram',
    help: 'From the request to the first byte of the answer of the shop.',
    labels: ['room'],
    scope: 'gateway',
    read: ({ rooms }) => rooms.map(({ report, shop }) => ({ labels: { room: report.room }, value: shop.firstByte })),
  },
  number('gauge', 'gateway', 'junban_open_sockets', [], 'WebSockets and event streams open.', counts =>
    one(counts.socketsOpen),
  ),
  number('counter', 'gateway', 'junban_frames_pushed_total', [], 'Status frames pushed to devices.', counts =>
    one(counts.framesPushed),
  ),
  number(
    'counter',
    'gateway',
    'junban_frames_dropped_total',
    [],
    'Status frames not sent because the reader was slow.',
    counts => one(counts.framesDropped),
  ),
  number('counter', 'gateway', 'junban_refusals_total', ['code'], 'Requests refused, by problem code.', counts =>
    samplesOf('code', counts.refusals),
  ),
  number('gauge', 'gateway', 'junban_store_trouble', [], '1 while the store does not answer.', counts =>
    one(flag(counts.storeTrouble)),
  ),
  {
    name: 'junban_event_loop_lag_seconds',
    type: 'histogram',
    help: 'How late the event loop came to a timer, tried fifty times a second.',
    labels: [],
    scope: 'gateway',
    read: (_, { lag }) => [{ labels: {}, value: lag }],
  },
  number(
    'gauge',
    'gateway',
    'junban_process_memory_bytes',
    ['kind'],
    'Memory of the process by kind; resident is all of it.',
    () => samplesOf('kind', memoryByKind()),
  ),
  number('counter', 'gateway', 'junban_process_cpu_seconds_total', [], 'CPU time of the process.', () =>
    one(cpuSeconds()),
  ),
  number(
    'gauge',
    'gateway',
    'junban_process_start_time_seconds',
    [],
    'When the process started, in seconds since 1970.',
    () => one(startSeconds),
  ),
  number(
    'gauge',
    'gateway',
    'junban_build_info',
    ['version', 'node'],
    'Always 1; the versions are in the labels.',
    (_, { version }) => [{ labels: { version, node: process.versions.node }, value: 1 }],
  ),
];

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function memoryByKind(): Readonly<Record<string, number>> {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { resident: rss, heap: heapUsed, external, array_buffers: arrayBuffers };
}
