// What a simulated room is like: rules, paces and draws by chance, the same for the same seed.

import { type SeededRandom, seededRandom } from '../../loadtest/seeded-random.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';

export function chooseRules(random: SeededRandom, nowMs: number): RoomRules {
  const hasLobby = random.chance(0.4);
  return {
    id: 'sale',
    opensAtMs: hasLobby ? nowMs + random.between(0, 1_000) : null,
    startsAtMs: hasLobby ? nowMs + random.between(2_000, 15_000) : null,
    endsAtMs: null,
    pacePerMinute: choosePace(random),
    activeCap: 1 + Math.floor(random.between(0, 30)),
    claimWindowMs: random.between(1_000, 8_000),
    graceTimeMs: random.between(1_000, 4_000),
    passIdleMs: random.between(2_000, 8_000),
    passMaxMs: random.between(4_000, 30_000),
    ticketLifetimeMs: 7 * 86_400_000,
  };
}

export function choosePace(random: SeededRandom): number {
  return Math.floor(10 ** random.between(1.5, 3.7));
}

export function drawnPlaces(drawn: number): Uint32Array {
  const random = seededRandom(drawn);
  const places = Uint32Array.from({ length: drawn }, (_, index) => index);
  for (let index = drawn - 1; index > 0; index -= 1) {
    const other = Math.floor(random.between(0, index + 1));
    const place = places[index] ?? 0;
    places[index] = places[other] ?? 0;
    places[other] = place;
  }
  return places;
}
