// Walking straight in: where nobody waits and the limits allow it, a device goes to the shop without a page.

import { standingOf } from '../flow/status.ts';
import type { RoomAnswer } from '../queue/answer-request.ts';
import { planTake } from '../queue/pace-bucket.ts';
import { capOf, paceOf, walkInsMax } from '../queue/pace-in-force.ts';
import { paceBurstMs, walkInHoldMs } from '../queue/room-rules.ts';
import type { WalkIn } from '../queue/take-turn.ts';
import { passCookie } from './passes-api.ts';
import type { RoomDoor } from './room-door.ts';
import { ticketCookie } from './tickets-api.ts';
import type { Visit } from './visit.ts';
import { forward } from './visit-shop.ts';

/** How many ask the caller now whether they may walk in. */
const walkingIn = new WeakMap<RoomDoor, number>();

/** A cheap look before the caller is asked: in a rush nobody walks in, and nobody should have to ask. */
export function mightWalkIn(door: RoomDoor, number: number | null): boolean {
  const { view } = door;
  if (view.checking || view.order === null || !hasRoom(door)) return false;
  if (number === null) return view.line().total === 0;
  const standing = standingOf(view, number, false);
  // Whose time ran out while it was active says "I am here" by coming. // PS63
  if (standing.place !== null && view.state.comebacks.has(standing.place)) return true;
  return standing.state === 'admitted' || (standing.state === 'waiting' && standing.ahead === 0);
}

function hasRoom(door: RoomDoor): boolean {
  const { state, rules, asOfMs } = door.view;
  if ((walkingIn.get(door) ?? 0) > walkInsMax(state, rules)) return false;
  if (state.holds.size > 0 || state.passes.size >= capOf(state, rules)) return false;
  const pacePerMinute = paceOf(state, rules);
  const take = { pacePerMinute, burstMs: paceBurstMs, nowMs: asOfMs, wanted: 1 };
  const { taken, nextAtMs } = planTake(state.claimBucket, take);
  return taken > 0 || nextAtMs - asOfMs <= walkInHoldMs(pacePerMinute);
}

/** True when the device was let in and its request is on the way to the shop. */
export async function walkIn(visit: Visit, number: number, ticket: string): Promise<boolean> {
  const { exchange, door, found, isNavigation } = visit;
  const place = door.view.placeOf(number);
  if (place === null) return false;
  // A person opened a page, or came with a cookie; who sends calls without may never show a pass. // PS121
  const keepsCookies = isNavigation || found.kind === 'ticket';
  const device = { place, ...(keepsCookies ? {} : { isBrief: true as const }) };
  const answer = await askToWalkIn(door, device);
  if (answer.kind !== 'admitted') return false;
  const issued = door.passToken(answer.passId);
  if (issued === null) return false;
  const cookies = [ticketCookie(exchange, door, ticket), passCookie(exchange, door, issued.token)];
  forward(visit, { passId: answer.passId, token: issued.token, isFresh: true }, cookies);
  return true;
}

async function askToWalkIn(door: RoomDoor, device: WalkIn): Promise<RoomAnswer> {
  walkingIn.set(door, (walkingIn.get(door) ?? 0) + 1);
  try {
    return await door.ask({ kind: 'enter', ...device });
  } finally {
    walkingIn.set(door, (walkingIn.get(door) ?? 1) - 1);
  }
}
