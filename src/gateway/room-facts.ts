// GET /v1/rooms/{room}: what everybody may know of a room, the commitment and the proof of its draw among it.

import { messageIn } from '../queue/operator-message.ts';
import { paceOf } from '../queue/pace-in-force.ts';
import { type DrawState, scheduleOf, startsAtOf } from '../queue/room-state.ts';
import type { Exchange } from './exchange.ts';
import type { RoomDoor } from './room-door.ts';

export function answerRoomFacts(exchange: Exchange, door: RoomDoor, nowMs: number): void {
  const { state, rules, total } = door.view;
  const schedule = scheduleOf(state, rules);
  const facts = {
    room: door.id,
    phase: state.phase,
    paused: state.holds.has('paused'),
    opensAt: instant(schedule.opensAtMs),
    startsAt: instant(startsAtOf(state, rules)),
    endsAt: instant(schedule.endsAtMs),
    serverTime: instant(nowMs),
    total,
    frontier: state.frontier,
    pacePerMinute: paceOf(state, rules),
    message: messageIn(state.settings.message, ''),
    stock: state.settings.stock ?? null,
    /** How long the reveal waits for the announced randomness before it falls back to none. */
    drawWaitSeconds: state.draw === null ? null : state.draw.waitMs / 1_000,
    draw: state.draw === null ? null : drawFacts(door.id, state.draw),
  };
  exchange.json('200 OK', JSON.stringify(facts), [['Access-Control-Allow-Origin', '*']]);
}

/** The secret is part of the proof, so it stays hidden until the seed is known. */
function drawFacts(room: string, draw: DrawState): Readonly<Record<string, unknown>> {
  const { commitment, announced, drawn, seed, secret, startsAtMs, randomness } = draw;
  const proof =
    seed === null ? null : { v: 1, room, startsAt: instant(startsAtMs), commitment, secret, randomness, drawn, seed };
  return { commitment, announced, drawn, proof };
}

function instant(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
