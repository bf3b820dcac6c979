// From the seal to the seed: waits, for a bounded time, for the randomness that the room announced, and reveals the draw
// with it or with the declared fallback. Runs on the turns of the caller, so one gateway at a time reveals.

import { drandChains, roundDueAtMs, roundOfSeal } from '../draw/drand-chain.ts';
import type { AnnouncedRandomness, DrawRandomness } from '../draw/randomness.ts';
import type { SeedParts } from '../draw/seed.ts';
import type { RoomAnswer } from '../queue/answer-request.ts';
import type { RoomState } from '../queue/room-state.ts';
import type { Turn } from '../queue/turn.ts';
import type { RoundWatch } from './reveal-round.ts';

/** What the draw needs from outside: a secret that nobody could foresee, its hashes (draw/seed.ts), and drand's rounds. Hex strings. */
export type DrawDesk = {
  newSecret(): string;
  commitmentTo(room: string, secret: string, announced: AnnouncedRandomness): string;
  seedOf(parts: SeedParts): string;
  /** What a room announces when it commits. */
  readonly announced: AnnouncedRandomness;
  /** How long the reveal waits for what was announced before it falls back to none. */
  readonly waitMs: number;
  readonly rounds: Pick<RoundWatch, 'look'>;
};

type SealedDraw = {
  readonly secret: string;
  readonly announced: AnnouncedRandomness;
  readonly waitMs: number;
  readonly drawn: number;
  readonly startsAtMs: number;
  readonly sealedAtMs: number;
};

/** Reveals a sealed draw as soon as its randomness is there, or its time is over. // DR21 */
export function followReveal(turn: Turn, desk: DrawDesk): void {
  const draw = sealedDraw(turn.state);
  if (draw === null) return;
  const randomness = randomnessNow(turn, draw, desk);
  if (randomness !== null) reveal(turn, draw, randomness, desk);
}

/** The operator enters the figure that the room announced. Entering the same again is done already. // DR24 */
export function enterFigure(turn: Turn, value: string, desk: DrawDesk): RoomAnswer {
  const { draw } = turn.state;
  if (draw === null || draw.announced.kind !== 'figure')
    return refused('no figure was announced for the draw of this room');
  const sealed = sealedDraw(turn.state);
  if (sealed !== null) {
    reveal(turn, sealed, { kind: 'figure', named: draw.announced.named, value }, desk);
    return { kind: 'done' };
  }
  if (draw.randomness === null) return refused('the draw is not sealed yet: the figure is entered after the start');
  if (draw.randomness.kind === 'figure' && draw.randomness.value === value) return { kind: 'done' };
  return refused(
    draw.randomness.kind === 'figure'
      ? `the draw was revealed with the value ${JSON.stringify(draw.randomness.value)}`
      : 'the figure did not come in time: the draw was revealed with the declared fallback',
  );
}

function refused(reason: string): RoomAnswer {
  return { kind: 'refused', reason };
}

function sealedDraw({ draw }: RoomState): SealedDraw | null {
  if (draw === null || draw.seed !== null) return null;
  const { secret, announced, waitMs, drawn, startsAtMs, sealedAtMs } = draw;
  if (drawn === null || startsAtMs === null || sealedAtMs === null) return null;
  return { secret, announced, waitMs, drawn, startsAtMs, sealedAtMs };
}

function reveal(turn: Turn, draw: SealedDraw, randomness: DrawRandomness, desk: DrawDesk): void {
  const { secret, drawn, startsAtMs } = draw;
  const seed = desk.seedOf({ room: turn.rules.id, startsAtMs, secret, randomness, drawn });
  turn.record({ kind: 'revealed', seed, randomness });
}

/** Null: it may still come. */
function randomnessNow(turn: Turn, draw: SealedDraw, desk: DrawDesk): DrawRandomness | null {
  const { announced } = draw;
  if (announced.kind === 'none') return { kind: 'none' };
  if (announced.kind === 'drand') {
    const awaited = awaitedRound(draw);
    if (awaited === null) return fallback(announced);
    if (turn.nowMs < roundDueAtMs(awaited.chain, awaited.round)) return null;
    const found = desk.rounds.look(awaited.chain, awaited.round);
    if (found !== null) return { kind: 'drand', chain: awaited.chain.hash, ...found };
  }
  // A caller that takes over after a crash has the whole time again: a crash must not cost the draw its randomness.
  const isLate = turn.nowMs >= Math.max(waitsFromMs(draw), turn.callerSinceMs) + draw.waitMs;
  return isLate ? fallback(announced) : null;
}

/** The round that makes this draw; null: its chain is not known here. */
function awaitedRound({ announced, startsAtMs, sealedAtMs }: SealedDraw) {
  const chain = announced.kind === 'drand' ? drandChains.find(({ hash }) => hash === announced.chain) : undefined;
  return chain === undefined ? null : { chain, round: roundOfSeal(chain, startsAtMs, sealedAtMs) };
}

/** The wait is reckoned from the instant at which the randomness is due. */
function waitsFromMs(draw: SealedDraw): number {
  const awaited = awaitedRound(draw);
  return awaited === null ? draw.sealedAtMs : roundDueAtMs(awaited.chain, awaited.round);
}

/** Until when a sealed draw waits for what was announced, unless its caller changes meanwhile; null: it does not wait. */
export function waitsUntilMs(state: RoomState): number | null {
  const draw = sealedDraw(state);
  // Where nobody was drawn nobody waits. // DR29
  if (draw === null || draw.drawn === 0 || draw.announced.kind === 'none') return null;
  return waitsFromMs(draw) + draw.waitMs;
}

function fallback(announced: AnnouncedRandomness): DrawRandomness {
  return { kind: 'none', announced };
}
