// What a room's draw needs from outside: secrets, the commitment, and the public round that nobody can know before.

import { randomBytes } from 'node:crypto';
import { defaultRelays, type RandomnessSettings, type RoomSettings } from './config/settings.ts';
import { isGenuineRound } from './drand/check-round.ts';
import { roundFetcher } from './drand/fetch-round.ts';
import type { AnnouncedRandomness } from './draw/randomness.ts';
import { commitmentTo, secretBytes, seedOf } from './draw/seed.ts';
import type { Clock } from './flow/clock.ts';
import type { DrawDesk } from './flow/reveal-draw.ts';
import { RoundWatch } from './flow/reveal-round.ts';

/** One relay may not use up the wait for all. */
const relayTimeoutMsMax = 2_000;

export type DrawDeskNeeds = {
  readonly settings: RoomSettings;
  readonly clock: Clock;
  /** Told when a drand relay's answer was not taken; the reason is for operators. */
  readonly onRelay: (room: string, url: string, reason: string) => void;
};

export function openDrawDesk({ settings, clock, onRelay }: DrawDeskNeeds): DrawDesk {
  const { randomness, waitMs } = settings.draw;
  const urls = randomness.kind === 'drand' ? randomness.urls : defaultRelays;
  return {
    newSecret: () => randomBytes(secretBytes).toString('hex'),
    commitmentTo,
    seedOf,
    announced: announcedBy(randomness),
    waitMs: waitMs ?? 0,
    rounds: new RoundWatch(
      roundFetcher({
        urls,
        timeoutMs: Math.min(relayTimeoutMsMax, Math.ceil((waitMs ?? relayTimeoutMsMax) / (urls.length + 1))),
        isGenuine: isGenuineRound,
        onRefused: (url, reason) => onRelay(settings.id, url, reason),
      }),
      clock,
    ),
  };
}

function announcedBy(randomness: RandomnessSettings): AnnouncedRandomness {
  if (randomness.kind !== 'drand') return randomness;
  // Where a relay stands is no part of what is announced: the round is the same from anywhere.
  return { kind: 'drand', chain: randomness.chain };
}
