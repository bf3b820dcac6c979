// A store whose durable operations are timed and whose failures are counted. It changes nothing else: numbers, which are
// taken on the hot path, go by unmeasured.
import type { QueueStore } from '../store/queue-store.ts';
import { LatencyTally } from './operation-metrics.ts';

const measured = ['lead', 'load', 'commit', 'compact'] as const;
export type StoreOperation = (typeof measured)[number];
export type StoreTally = Readonly<Record<StoreOperation, { readonly latency: LatencyTally; errors: number }>>;

const boundsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

export function newStoreTally(): StoreTally {
  const tally = () => ({ latency: new LatencyTally(boundsMs), errors: 0 });
  return { lead: tally(), load: tally(), commit: tally(), compact: tally() };
}

/** Times the operations of this very store from now on. */
export function measureStore<Store extends QueueStore>(store: Store, tally: StoreTally): Store {
  const timed = async <T>(name: StoreOperation, work: Promise<T>): Promise<T> => {
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
  const { lead, load, commit, compact } = bound(store);
  store.lead = (...given) => timed('lead', lead(...given));
  store.load = (...given) => timed('load', load(...given));
  store.commit = (...given) => timed('commit', commit(...given));
  store.compact = (...given) => timed('compact', compact(...given));
  return store;
}

function bound(store: QueueStore): Pick<QueueStore, StoreOperation> {
  return {
    lead: store.lead.bind(store),
    load: store.load.bind(store),
    commit: store.commit.bind(store),
    compact: store.compact.bind(store),
  };
}
