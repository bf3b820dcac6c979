// A store whose operations are timed and whose failures are counted. It changes nothing else. Numbers are taken on the hot
// path, many at once: of these one call at a time is measured, and none where the store answers at once.
import type { OperatorsStore } from '../store/operators-store.ts';
import type { QueueStore } from '../store/queue-store.ts';
import type { RoomExchange } from '../store/room-exchange.ts';
import { LatencyTally } from './operation-metrics.ts';
import type { Tracing } from './tracing.ts';

const measured = [
  ...(['lead', 'load', 'commit', 'compact', 'take-numbers', 'count-numbers'] as const),
  // What gateways tell each other of who is there; and what operators leave behind.
  ...(['presence', 'documents', 'logs'] as const),
] as const;
export type StoreOperation = (typeof measured)[number];
export type StoreTally = Readonly<Record<StoreOperation, { readonly latency: LatencyTally; errors: number }>>;

const boundsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

export function newStoreTally(): StoreTally {
  const tally = () => ({ latency: new LatencyTally(boundsMs), errors: 0 });
  return {
    ...{ lead: tally(), load: tally(), commit: tally(), compact: tally(), 'take-numbers': tally() },
    ...{ 'count-numbers': tally(), presence: tally(), documents: tally(), logs: tally() },
  };
}

type Timed = <T>(name: StoreOperation, work: Promise<T>) => Promise<T>;

export type Measured = {
  readonly store: QueueStore & { readonly operators: OperatorsStore };
  /** Null where there is one gateway only. */
  readonly exchange: RoomExchange | null;
};

/** Times the operations of this very store from now on, and traces what a turn decided. */
export function measureStore({ store, exchange }: Measured, tally: StoreTally, tracing: Tracing | null): void {
  const timed: Timed = async (name, work) => {
    const startedAtMs = performance.now();
    try {
      return await work;
    } catch (error) {
      tally[name].errors += 1;
      throw error;
    } finally {
      tally[name].latency.add(performance.now() - startedAtMs);
    }
  };
  measureQueue(store, timed, tracing);
  measureOperators(store.operators, timed);
  if (exchange !== null) measurePresence(exchange, timed);
}

function measureQueue(store: QueueStore, timed: Timed, tracing: Tracing | null): void {
  const spanOf = (room: string, changes: number) =>
    tracing?.begin('commit', { 'junban.room': room, 'junban.changes': changes }) ?? null;
  const { lead, load, commit, compact, takeNumbers, countNumbers } = bound(store);
  store.lead = (...given) => timed('lead', lead(...given));
  store.load = (...given) => timed('load', load(...given));
  store.countNumbers = (...given) => timed('count-numbers', countNumbers(...given));
  store.commit = async (...given) => {
    const [room, , , changes] = given;
    const span = spanOf(room, changes.length);
    const work = timed('commit', commit(...given));
    return span === null ? work : span.around(work, ({ kind }) => kind);
  };
  store.compact = (...given) => timed('compact', compact(...given));
  let isMeasuring = false;
  store.takeNumbers = (...given) => {
    const taken = takeNumbers(...given);
    if (isMeasuring || typeof taken === 'number') return taken;
    isMeasuring = true;
    return timed('take-numbers', taken).finally(() => {
      isMeasuring = false;
    });
  };
}

function measureOperators(store: OperatorsStore, timed: Timed): void {
  const readDocument = store.readDocument.bind(store);
  const replaceDocument = store.replaceDocument.bind(store);
  const appendRecord = store.appendRecord.bind(store);
  const readRecords = store.readRecords.bind(store);
  store.readDocument = (...given) => timed('documents', readDocument(...given));
  store.replaceDocument = (...given) => timed('documents', replaceDocument(...given));
  store.appendRecord = (...given) => timed('logs', appendRecord(...given));
  store.readRecords = (...given) => timed('logs', readRecords(...given));
}

function measurePresence(exchange: RoomExchange, timed: Timed): void {
  const sayPresent = exchange.sayPresent.bind(exchange);
  const collectPresent = exchange.collectPresent.bind(exchange);
  const publishPresent = exchange.publishPresent.bind(exchange);
  exchange.sayPresent = (...given) => timed('presence', sayPresent(...given));
  exchange.collectPresent = (...given) => timed('presence', collectPresent(...given));
  exchange.publishPresent = (...given) => timed('presence', publishPresent(...given));
}

type QueueMethods = Pick<QueueStore, 'lead' | 'load' | 'commit' | 'compact' | 'takeNumbers' | 'countNumbers'>;

function bound(store: QueueStore): QueueMethods {
  return {
    lead: store.lead.bind(store),
    load: store.load.bind(store),
    commit: store.commit.bind(store),
    compact: store.compact.bind(store),
    takeNumbers: store.takeNumbers.bind(store),
    countNumbers: store.countNumbers.bind(store),
  };
}
