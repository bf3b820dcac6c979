// STATUS: the one JSON object that a device gets on every transport. What is the same for all devices is encoded once
// for many of them.

import { type LineSpeed, waitRange } from '../estimate/wait-range.ts';
import { paceOf, waitsForRoom } from '../queue/pace-in-force.ts';
import type { OperatorMessage } from '../queue/room-change.ts';
import { claimByMs, type RoomState, startsAtOf, trimmedBelow } from '../queue/room-state.ts';
import { waitsUntilMs } from './reveal-draw.ts';
import type { RoomView } from './room-view.ts';

export type DeviceState = 'lobby' | 'waiting' | 'called' | 'entering' | 'missed' | 'admitted' | 'left' | 'ended';

/** Where a device stands. `claimByMs` only while called or entering; null fields are not known. */
export type Standing = {
  readonly state: DeviceState;
  readonly place: number | null;
  readonly ahead: number | null;
  readonly claimByMs: number | null;
};

export function standingOf(view: RoomView, number: number, isEntering: boolean): Standing {
  const { state } = view;
  const place = view.placeOf(number);
  if (state.phase === 'ended') {
    const inside = place !== null && state.passOfPlace.has(place);
    return { state: inside ? 'admitted' : 'ended', place, ahead: inside ? 0 : null, claimByMs: null };
  }
  if (place === null) return { state: 'lobby', place, ahead: null, claimByMs: null };
  const call = state.calls.get(place);
  if (call !== undefined) {
    const claimBy = claimByMs(state, call, view.rules, view.asOfMs);
    return { state: isEntering ? 'entering' : 'called', place, ahead: 0, claimByMs: claimBy };
  }
  if (state.passOfPlace.has(place)) return { state: 'admitted', place, ahead: 0, claimByMs: null };
  if (state.called.has(place) || place < trimmedBelow(state))
    return { state: 'left', place, ahead: null, claimByMs: null };
  const isMissed = state.missed.has(place);
  return { state: isMissed ? 'missed' : 'waiting', place, ahead: view.line().rankOf(place), claimByMs: null };
}

/** When a poller asks again: often near the front and in its turn, seldom far back where a change is invisible. */
export function nextMsOf(standing: Standing): number {
  switch (standing.state) {
    case 'called':
    case 'entering':
      return 1_000;
    case 'lobby':
    case 'waiting':
      return standing.ahead === null || standing.ahead > 1_000 ? 3_000 : standing.ahead > 100 ? 2_000 : 1_000;
    default:
      return 5_000;
  }
}

export type StatusWithFields = { readonly json: string; readonly fields: Readonly<Record<string, unknown>> };

/** Encodes the status of many devices of a room at one instant. */
export class StatusEncoder {
  readonly #view: RoomView;
  readonly #isEntering: (number: number) => boolean;
  readonly #head: string;
  readonly #middle: string;
  readonly #tail: string;
  readonly #speed: LineSpeed | null;
  readonly #version: number;
  readonly #checking: boolean;
  /** One status of this instant, decoded: what is common to all is taken from it. */
  #sample: Readonly<Record<string, unknown>> | null = null;

  constructor(view: RoomView, isEntering: (number: number) => boolean) {
    const { state, rules } = view;
    this.#view = view;
    this.#isEntering = isEntering;
    this.#version = state.version;
    this.#checking = view.checking;
    const paused = state.holds.has('paused');
    const asOfMs = view.asOfMs;
    this.#speed = state.phase === 'open' ? view.lineSpeed(asOfMs) : null;
    const cappedSinceMs = state.phase === 'open' ? view.cappedSinceMs(asOfMs) : null;
    const isCapped = cappedSinceMs !== null;
    const pacePerMinute = paceOf(state, rules);
    // What holds back a line at its cap is not its pace. // LN140
    const calledPerMinute = isCapped ? calledPerMinuteField(this.#speed) : '';
    // A full room out of which nobody comes, as far as anybody has seen, lets nobody in. // WR180
    const stands = state.phase === 'open' && (view.isStanding || (isCapped && this.#speed === null));
    const room = JSON.stringify(rules.id);
    this.#head = `{"v":1,"room":${room},"phase":"${state.phase}","paused":${paused},"state":"`;
    this.#middle = `,"pacePerMinute":${pacePerMinute},"startsAt":${instant(startsAtOf(state, rules))},"claimBy":`;
    const message = messageFields(state.settings.message ?? null);
    const stock = state.settings.stock == null ? '' : `,"stock":${JSON.stringify(state.settings.stock)}`;
    const shopFailing = state.holds.has('shop-failing') || state.holds.has('shop-down') ? ',"shopFailing":true' : '';
    const calling = stands && state.holds.size === 0 ? ',"calling":false' : '';
    const full = calling !== '' && waitsForRoom(state, rules, isCapped) ? ',"full":true' : '';
    const optional = `${shopFailing}${calling}${full}${calledPerMinute}${drawWaitFields(state)}`;
    this.#tail = `,${message}${stock},"asOf":${instant(asOfMs)},"checking":${view.checking}${optional},"next":`;
  }

  /** True when the room has changed since: what is common to all may not be true any more. */
  get isStale(): boolean {
    return this.#version !== this.#view.state.version || this.#checking !== this.#view.checking;
  }

  /** The status of one device as JSON. */
  encode(number: number): string {
    return this.encodeStanding(number, standingOf(this.#view, number, this.#isEntering(number)));
  }

  /** The status of one device as JSON, and its fields for a page that shows some of them itself. */
  encodeWithFields(number: number): StatusWithFields {
    const standing = standingOf(this.#view, number, this.#isEntering(number));
    const { state, place, ahead } = standing;
    const json = this.encodeStanding(number, standing);
    this.#sample ??= JSON.parse(json);
    const claimBy = standing.claimByMs === null ? null : new Date(standing.claimByMs).toISOString();
    const etaSeconds = this.#etaSeconds(standing);
    return {
      json,
      fields: { ...this.#sample, state, number, place, ahead, etaSeconds, claimBy, next: nextMsOf(standing) },
    };
  }

  #etaSeconds({ state, ahead }: Standing): readonly [number, number] | null {
    const isKnown = state === 'waiting' && ahead !== null && this.#speed !== null;
    return isKnown ? waitRange(this.#speed, ahead, this.#view.calibration) : null;
  }

  encodeStanding(number: number, standing: Standing): string {
    const { state, place, ahead, claimByMs } = standing;
    const eta = this.#etaSeconds(standing);
    return (
      `${this.#head}${state}","number":${number},"place":${place},"ahead":${ahead},"total":${this.#view.total}` +
      `,"etaSeconds":${eta === null ? 'null' : `[${eta[0]},${eta[1]}]`}${this.#middle}${instant(claimByMs)}` +
      `${this.#tail}${nextMsOf(standing)}}`
    );
  }
}

/** Where nothing is measured there is nothing to say. */
function calledPerMinuteField(speed: LineSpeed | null): string {
  return speed === null ? '' : `,"calledPerMinute":${Math.max(1, Math.round(speed.expectedPerMinute))}`;
}

/** One text for all; where there are several, `messages` has them by language and `message` the first. */
function messageFields(message: OperatorMessage | null): string {
  if (message === null || typeof message === 'string') return `"message":${JSON.stringify(message)}`;
  return `"message":${JSON.stringify(Object.values(message)[0] ?? null)},"messages":${JSON.stringify(message)}`;
}

/** From what was committed, never from the file of today. // DR20 */
function drawWaitFields(state: RoomState): string {
  const untilMs = waitsUntilMs(state);
  if (untilMs === null || state.draw === null) return '';
  const { announced } = state.draw;
  const named = announced.kind === 'figure' ? announced.named : announced.kind;
  return `,"drawWaits":{"named":${JSON.stringify(named)},"until":${instant(untilMs)}}`;
}

function instant(atMs: number | null): string {
  return atMs === null ? 'null' : `"${new Date(atMs).toISOString()}"`;
}
