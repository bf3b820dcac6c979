// Opening the lobby, starting and ending a room, by the times or by hand, and the seal that goes with the start. How a
// sealed draw is revealed is reveal-draw.ts's.

import type { RoomAnswer } from '../queue/answer-request.ts';
import { isPhasePassed, type Phase, phases } from '../queue/room-change.ts';
import { scheduleOf } from '../queue/room-state.ts';
import { phaseDue } from '../queue/take-turn.ts';
import type { Turn } from '../queue/turn.ts';
import { type DrawDesk, followReveal } from './reveal-draw.ts';

/** `handedOut` is null in a turn for which nothing was counted, because it enters no phase. */
type PhaseNeeds = { readonly draw: DrawDesk; readonly handedOut: number | null };

/** Does what the times ask for. A room with a lobby commits to its secret as soon as it exists. */
export function followSchedule(turn: Turn, needs: PhaseNeeds): void {
  const { state, rules, nowMs } = turn;
  const { opensAtMs, startsAtMs } = scheduleOf(state, rules);
  if (opensAtMs !== null && state.phase === 'closed') commitToSecret(turn, needs.draw);
  const phase = phaseDue(turn);
  if (phase !== null) enterPhase(turn, phase, startsAtMs ?? nowMs, needs);
  followReveal(turn, needs.draw);
}

/** Brings the room into a phase by hand; a start seals the draw if one was committed to. Setting the phase it is in does nothing. */
export function setPhase(turn: Turn, phase: Phase, needs: PhaseNeeds): RoomAnswer {
  const { state } = turn;
  if (state.phase === phase) return { kind: 'done' };
  // The times may have started the sale since the operator looked.
  if (phases.indexOf(state.phase) >= phases.indexOf('open') && isPhasePassed(state.phase, phase))
    return { kind: 'refused', reason: `the room is ${state.phase}; it cannot go back to ${phase}` };
  // Whoever starts by hand moves the start: it is now, whatever the file says. // DR26
  enterPhase(turn, phase, turn.nowMs, needs);
  followReveal(turn, needs.draw);
  return { kind: 'done' };
}

function enterPhase(turn: Turn, phase: Phase, startsAtMs: number, needs: PhaseNeeds): void {
  const { state, nowMs } = turn;
  if (phase === 'lobby') commitToSecret(turn, needs.draw);
  if (phases.indexOf(phase) > phases.indexOf('lobby')) seal(turn, startsAtMs, needs.handedOut);
  if (phase === 'ended' && state.calls.size > 0) turn.record({ kind: 'withdrawn', places: [...state.calls.keys()] });
  turn.record({ kind: 'phase', phase, atMs: nowMs });
}

/** What is announced is kept with the commitment: a later edit of the file changes nothing about this draw. // DR20 */
function commitToSecret(turn: Turn, { newSecret, commitmentTo, announced, waitMs }: DrawDesk): void {
  if (turn.state.draw !== null) return;
  const secret = newSecret();
  const commitment = commitmentTo(turn.rules.id, secret, announced);
  turn.record({ kind: 'committed', secret, commitment, announced, waitMs });
}

function seal(turn: Turn, startsAtMs: number, handedOut: number | null): void {
  const { draw } = turn.state;
  if (draw === null || draw.drawn !== null) return;
  if (handedOut === null) throw new Error('a draw is to be sealed, and its numbers were not counted');
  turn.record({ kind: 'sealed', drawn: handedOut, atMs: turn.nowMs, startsAtMs });
}
