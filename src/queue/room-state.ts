// Everything that must survive about one room; apply-change.ts alters it. Who is present is not here: presence is never
// stored (presence.ts), and what is derived (ahead, estimate) is computed where it is asked for.

import type { CleanSignatures } from '../admission/signature-trust.ts';
import type { AnnouncedRandomness, DrawRandomness } from '../draw/randomness.ts';
import type { ClimbRecord } from '../estimate/pace-climb.ts';
import { type AutopilotState, freshAutopilot } from './autopilot-rules.ts';
import { Bitmap } from './bitmap.ts';
import { type HeldClock, readClock, runningClock } from './held-clock.ts';
import { emptyBucket, type PaceBucket } from './pace-bucket.ts';
import type { Pass } from './pass-changes.ts';
import type { Hold, OperatorSettings, Phase } from './room-change.ts';
import { claimExtensionMs, type RoomRules } from './room-rules.ts';

/** A call that is neither claimed nor taken back. The instant is on the window clock. */
export type Call = {
  readonly place: number;
  readonly calledWindowMs: number;
  /** How often its device asked for more time; absent: never. */
  readonly extensions?: number;
  /** The operator let it in: it is first at the gate. */
  readonly isInvited?: boolean;
};

/** How far the draw has come: committed, then sealed (`drawn`), then revealed (`seed`). Hex strings. */
export type DrawState = {
  readonly secret: string;
  readonly commitment: string;
  readonly announced: AnnouncedRandomness;
  /** How long the reveal waits for what was announced. */
  readonly waitMs: number;
  readonly drawn: number | null;
  /** The start that the draw belongs to; the seal may have come later. */
  readonly startsAtMs: number | null;
  readonly sealedAtMs: number | null;
  readonly seed: string | null;
  readonly randomness: DrawRandomness | null;
};

/** So many numbers were handed out at an instant. */
export type Checkpoint = { readonly handedOut: number; readonly atMs: number };

export type RoomTotals = { called: number; noShows: number; admitted: number; returners: number; ended: number };

export type RoomState = {
  /** How many changes made this state. */
  version: number;
  /** How often the room was steered: what an operator saw is out of date once it has grown. */
  revision: number;
  phase: Phase;
  phaseAtMs: number;
  draw: DrawState | null;
  settings: OperatorSettings;
  holds: ReadonlySet<Hold>;
  /** The first place not yet reached by the calling. */
  frontier: number;
  /** Called and not taken back: in their window, inside, or already out again. */
  called: Bitmap;
  missed: Bitmap;
  /** Oldest first; at most one of them is older than a ticket can be. */
  checkpoints: readonly Checkpoint[];
  /** By place, in the order of the calls. */
  calls: Map<number, Call>;
  passes: Map<string, Pass>;
  passOfPlace: Map<number, string>;
  /** By place: when, on the pass clock, the time of somebody inside ran out who may come back ahead of the line. */
  comebacks: Map<number, number>;
  /** Places whose one way back is used. */
  cameBack: Bitmap;
  autopilot: AutopilotState;
  /** The pace since the autopilot's first decision, until it fell or was set by hand; null: there was none. // AP161 */
  climb: ClimbRecord | null;
  /** The error signatures that the shop was last seen without; null: none yet. */
  cleanSignatures: CleanSignatures | null;
  /** The share of calls that nobody claims; from 0 to `noShowShareMax`. */
  noShowShare: number;
  callBucket: PaceBucket;
  claimBucket: PaceBucket;
  /** Stands still while paused, while the shop fails, and while nobody is caller. */
  windowClock: HeldClock;
  /** Stands still while the shop fails and while nobody is caller. */
  passClock: HeldClock;
  totals: RoomTotals;
};

export function newRoomState(): RoomState {
  return {
    version: 0,
    revision: 0,
    phase: 'closed',
    phaseAtMs: 0,
    draw: null,
    settings: {},
    holds: new Set(),
    frontier: 0,
    called: new Bitmap(),
    missed: new Bitmap(),
    checkpoints: [],
    calls: new Map(),
    passes: new Map(),
    passOfPlace: new Map(),
    comebacks: new Map(),
    cameBack: new Bitmap(),
    autopilot: freshAutopilot,
    climb: null,
    cleanSignatures: null,
    noShowShare: 0,
    callBucket: emptyBucket,
    claimBucket: emptyBucket,
    windowClock: runningClock,
    passClock: runningClock,
    totals: { called: 0, noShows: 0, admitted: 0, returners: 0, ended: 0 },
  };
}

/** When the room opens, starts and ends: as the operator scheduled it, else as the file says. */
export function scheduleOf(
  { settings }: Pick<RoomState, 'settings'>,
  rules: RoomRules,
): Pick<RoomRules, 'opensAtMs' | 'startsAtMs' | 'endsAtMs'> {
  return {
    opensAtMs: settings.opensAtMs ?? rules.opensAtMs,
    startsAtMs: settings.startsAtMs ?? rules.startsAtMs,
    endsAtMs: settings.endsAtMs ?? rules.endsAtMs,
  };
}

/** When the sale began or begins; null: nobody has said. Once sealed it is the start of the draw, whatever the file says. DR26 */
export function startsAtOf(state: RoomState, rules: RoomRules): number | null {
  const startedAtMs = state.phase === 'open' && state.phaseAtMs > 0 ? state.phaseAtMs : null;
  return state.draw?.startsAtMs ?? scheduleOf(state, rules).startsAtMs ?? startedAtMs;
}

/** Tickets of places below this one are too old to come back: nothing is known about them any more. */
export function trimmedBelow(state: RoomState): number {
  return state.called.base;
}

/** When a called device must have claimed, as things stand now; moves along while the window clock is held. */
export function claimByMs(state: RoomState, call: Call, rules: RoomRules, nowMs: number): number {
  return nowMs + windowOfCallMs(call, rules) - (readClock(state.windowClock, nowMs) - call.calledWindowMs);
}

/** How long this call stands, extensions included. */
export function windowOfCallMs({ extensions = 0 }: Call, rules: RoomRules): number {
  return rules.claimWindowMs + extensions * claimExtensionMs(rules);
}
