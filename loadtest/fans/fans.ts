// Simulated fans as real clients of the gateway's public interface: a steady number of them, each followed by another, so that
// the line of a demo lives for hours. What one of them does is in fan-life.ts.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { seededRandom } from '../seeded-random.ts';
import { defaultBehaviour, type FanBehaviour, planFan } from './behaviour.ts';
import type { FanClientOptions } from './fan-client.ts';
import { type FanCounters, openFanCounters } from './fan-counters.ts';
import { liveFan } from './fan-life.ts';

export interface FansOptions {
  /** Where fans come: the gateway's public address without a path. */
  readonly gatewayUrl: string;
  readonly room: string;
  /** How many fans there are at once, in line, in the shop and between two visits. */
  readonly count: number;
  /** How fast they come at the start. */
  readonly arrivalsPerSecond: number;
  readonly seed: number;
  /** What differs from the default behaviour. */
  readonly behaviour?: Partial<FanBehaviour>;
}

export interface RunningFans {
  counters(): Readonly<FanCounters>;
  /** Ends all fans where they stand, without a word to the gateway; all timers and connections are gone when it settles. */
  stop(): Promise<void>;
}

/** Calls at once, for all fans together; their event streams come on top. */
const connectionsMax = 256;

export function startFans(options: FansOptions): RunningFans {
  const counters = openFanCounters();
  const controller = new AbortController();
  const { signal } = controller;
  setMaxListeners(0, signal);
  const dispatcher = new Agent({ connections: connectionsMax + options.count, pipelining: 1 });
  const behaviour: FanBehaviour = { ...defaultBehaviour, ...options.behaviour };

  /** One fan after the other in the same slot, until the fans are stopped. */
  const liveSlot = async (slot: number): Promise<void> => {
    const random = seededRandom(options.seed * 1_000_003 + slot);
    const { gatewayUrl, room } = options;
    const clientOptions: FanClientOptions = { gatewayUrl, room, dispatcher, random, counters, signal };
    await sleep((slot * 1_000) / options.arrivalsPerSecond, undefined, { signal });
    for (let visits = 1; ; visits += 1) {
      const fanName = `fan ${slot}-${visits}`;
      await liveFan({ plan: planFan(behaviour, random), behaviour, fanName }, clientOptions);
      await sleep(random.between(...behaviour.nextFanAfter), undefined, { signal });
    }
  };

  const slots = Array.from({ length: options.count }, (_, slot) =>
    liveSlot(slot).catch((error: unknown) => {
      // Stopped on purpose; anything else is a bug and must be seen.
      if (!signal.aborted) throw error;
    }),
  );
  // A bug in one fan ends all of them, and stop() tells.
  const allEnded = Promise.all(slots);
  allEnded.catch(() => controller.abort());

  return {
    counters: () => ({ ...counters, errors: { ...counters.errors } }),
    stop: async () => {
      controller.abort();
      await dispatcher.destroy();
      await allEnded;
    },
  };
}
