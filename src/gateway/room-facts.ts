// GET /v1/rooms/{room}: what everybody may know of a room, the commitment and the proof of its draw among it.

import type { DrawState } from '../queue/room-state.ts';
import { paceOf } from '../queue/room-state.ts';
import type { Exchange } from './exchange.ts';
import type { RoomDoor } from './room-door.ts';

export function answerRoomFacts(exchange: Exchange, door: RoomDoor, nowMs: number): void {
  const { state, rules, total } = door.view;
  const startsAtMs = rules.startsAtMs ?? (state.phase === 'open' ? state.phaseAtMs : null);
  const facts = {
    room: door.id,
    phase: state.phase,
    paused: state.holds.has('paused'),
    opensAt: instant(rules.opensAtMs),
    startsAt: instant(startsAtMs),
    endsAt: instant(rules.endsAtMs),
    serverTime: instant(nowMs),
    total,
    frontier: state.frontier,
    pacePerMinute: paceOf(state, rules),
    message: state.settings.message ?? null,
    draw: state.draw === null ? null : drawFacts(door.id, state.draw),
  };
  exchange.json('200 OK', JSON.stringify(facts), [['Access-Control-Allow-Origin', '*']]);
}

/** The secret is part of the proof, so it stays hidden until the seed is known. */
function drawFacts(room: string, draw: DrawState): Readonly<Record<string, unknown>> {
  const { commitment, drawn, seed, secret, startsAtMs, randomness } = draw;
  const proof =
    seed === null ? null : { v: 1, room, startsAt: instant(startsAtMs), commitment, secret, randomness, drawn, seed };
  return { commitment, drawn, proof };
}

function instant(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
