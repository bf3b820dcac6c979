// Opening the lobby, starting and ending a room, by the times or by hand, and the draw that goes with the start.

import { type DrawRandomness, type Phase, phases } from '../queue/room-change.ts';
import { phaseDue } from '../queue/take-turn.ts';
import type { Turn } from '../queue/turn.ts';

/** What the draw needs from outside: a secret that nobody could foresee, and its hashes (draw/seed.ts). Hex strings. */
export type DrawDesk = {
  newSecret(): string;
  commitmentTo(room: string, secret: string): string;
  seedOf(of: {
    readonly room: string;
    readonly startsAtMs: number;
    readonly secret: string;
    readonly randomness: DrawRandomness;
    readonly drawn: number;
  }): string;
};

type PhaseNeeds = { readonly draw: DrawDesk; readonly handedOut: number };

/** Does what the times ask for. A room with a lobby commits to its secret as soon as it exists. */
export function followSchedule(turn: Turn, needs: PhaseNeeds): void {
  if (turn.rules.opensAtMs !== null && turn.state.phase === 'closed') commitToSecret(turn, needs.draw);
  const phase = phaseDue(turn);
  if (phase !== null) setPhase(turn, phase, needs);
}

/** Brings the room into a phase; a start seals and draws if a draw was committed to. Setting the phase it is in does nothing. */
export function setPhase(turn: Turn, phase: Phase, needs: PhaseNeeds): void {
  const { state, nowMs } = turn;
  if (state.phase === phase) return;
  if (phase === 'lobby') commitToSecret(turn, needs.draw);
  if (phases.indexOf(phase) > phases.indexOf('lobby')) sealAndDraw(turn, needs);
  if (phase === 'ended' && state.calls.size > 0) turn.record({ kind: 'withdrawn', places: [...state.calls.keys()] });
  turn.record({ kind: 'phase', phase, atMs: nowMs });
}

function commitToSecret(turn: Turn, draw: DrawDesk): void {
  if (turn.state.draw !== null) return;
  const secret = draw.newSecret();
  turn.record({ kind: 'committed', secret, commitment: draw.commitmentTo(turn.rules.id, secret) });
}

function sealAndDraw(turn: Turn, { draw, handedOut }: PhaseNeeds): void {
  const committed = turn.state.draw;
  if (committed === null || committed.drawn !== null) return;
  const startsAtMs = turn.rules.startsAtMs ?? turn.nowMs;
  turn.record({ kind: 'sealed', drawn: handedOut, atMs: turn.nowMs, startsAtMs });
  const randomness: DrawRandomness = { kind: 'none' };
  const { secret } = committed;
  const seed = draw.seedOf({ room: turn.rules.id, startsAtMs, secret, randomness, drawn: handedOut });
  turn.record({ kind: 'revealed', seed, randomness });
}
