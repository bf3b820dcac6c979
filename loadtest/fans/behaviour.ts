// What simulated fans are like, and what one of them will do with this visit. Pure: the choices come from a seeded source.
import type { SeededRandom } from '../seeded-random.ts';

export type RangeMs = readonly [leastMs: number, mostMs: number];

export interface FanBehaviour {
  /** Shares from 0 to 1. The rest of the fans follow over the socket. */
  readonly followsByEventsShare: number;
  readonly followsByPollingShare: number;
  /** Loses patience in the line. */
  readonly leavesShare: number;
  /** Loses the network once in the line and comes back. */
  readonly losesNetworkShare: number;
  /** Does not take the turn when called. */
  readonly noShowShare: number;
  /** Looks around in the shop and buys nothing. */
  readonly buysNothingShare: number;
  /** Of those who go, how many say so (the rest just vanish). */
  readonly saysGoodbyeShare: number;
  readonly claimDelay: RangeMs;
  readonly leavesAfter: RangeMs;
  readonly losesNetworkAfter: RangeMs;
  readonly isAway: RangeMs;
  /** Between two pages of the shop. */
  readonly thinks: RangeMs;
  /** Between one fan's end and the next fan's arrival. */
  readonly nextFanAfter: RangeMs;
  /** Pages looked at before the choice, at most. */
  readonly pagesMax: number;
}

export const defaultBehaviour: FanBehaviour = {
  followsByEventsShare: 0.1,
  followsByPollingShare: 0.1,
  leavesShare: 0.08,
  losesNetworkShare: 0.1,
  noShowShare: 0.05,
  buysNothingShare: 0.2,
  saysGoodbyeShare: 0.5,
  claimDelay: [800, 8_000],
  leavesAfter: [20_000, 240_000],
  losesNetworkAfter: [5_000, 120_000],
  isAway: [2_000, 60_000],
  thinks: [800, 6_000],
  nextFanAfter: [2_000, 20_000],
  pagesMax: 5,
};

/** Everything that one fan will do, chosen on arrival. */
export interface FanPlan {
  readonly transport: 'socket' | 'events' | 'polling';
  /** Infinity: never. */
  readonly leavesAfterMs: number;
  /** Infinity: never. */
  readonly losesNetworkAfterMs: number;
  readonly awayMs: number;
  readonly isNoShow: boolean;
  readonly buys: boolean;
  readonly saysGoodbye: boolean;
  readonly claimDelayMs: number;
  readonly pages: number;
}

export function planFan(behaviour: FanBehaviour, random: SeededRandom): FanPlan {
  const transportChoice = random.fraction();
  const { followsByEventsShare, followsByPollingShare } = behaviour;
  const isByEvents = transportChoice < followsByEventsShare;
  const isByPolling = !isByEvents && transportChoice < followsByEventsShare + followsByPollingShare;
  return {
    transport: isByEvents ? 'events' : isByPolling ? 'polling' : 'socket',
    leavesAfterMs: random.chance(behaviour.leavesShare) ? random.between(...behaviour.leavesAfter) : Infinity,
    losesNetworkAfterMs: random.chance(behaviour.losesNetworkShare)
      ? random.between(...behaviour.losesNetworkAfter)
      : Infinity,
    awayMs: random.between(...behaviour.isAway),
    isNoShow: random.chance(behaviour.noShowShare),
    buys: !random.chance(behaviour.buysNothingShare),
    saysGoodbye: random.chance(behaviour.saysGoodbyeShare),
    claimDelayMs: random.between(...behaviour.claimDelay),
    pages: 1 + Math.floor(random.fraction() * behaviour.pagesMax),
  };
}
