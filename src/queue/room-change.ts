// The facts that make up a room's history. The caller decides them, the store keeps them in order, and every gateway
// applies them with `applyChange`. A change says what happened, never how it was decided.

import type { AnnouncedRandomness, DrawRandomness } from '../draw/randomness.ts';
import type { AutopilotRules, AutopilotState } from './autopilot-rules.ts';

export const phases = ['closed', 'lobby', 'open', 'ended'] as const;
export type Phase = (typeof phases)[number];

/** What was drawn stays drawn: a room goes back to no phase before its start, only from its end to the sale. OP12 */
export function isPhasePassed(from: Phase, to: Phase): boolean {
  return to !== 'open' && phases.indexOf(to) < phases.indexOf(from);
}

/** Why a pass ended. */
export type PassEnd = 'idle' | 'max' | 'shop' | 'left' | 'revoked' | 'room-ended';

/** What an operator may set at run time; an absent key stays as it is, `null` goes back to the file's value. */
export type OperatorSettings = {
  readonly pacePerMinute?: number | null;
  readonly activeCap?: number | null;
  readonly message?: OperatorMessage | null;
  readonly stock?: Stock | null;
  readonly opensAtMs?: number | null;
  readonly startsAtMs?: number | null;
  readonly endsAtMs?: number | null;
  /** Nobody new is called or let in; who is called or inside goes on. */
  readonly draining?: boolean;
  readonly autopilot?: Partial<AutopilotRules>;
};

/** One text for everybody, or a text for each language tag; the first of them is for all other languages. */
export type OperatorMessage = string | Readonly<Record<string, string>>;

/** What is left in the shop, as the operator or the shop says; `remaining` null: not known, 0: sold out. */
export type Stock = readonly { readonly name: string; readonly remaining: number | null }[];

/** Why the clocks of turns stand still: by the operator, because the shop is seen to fail, because the operator says it does. */
export const holds = ['paused', 'shop-failing', 'shop-down'] as const;
export type Hold = (typeof holds)[number];

export type RoomChange =
  /** The operator's secret of a room with a lobby is fixed, and its hash is published. Hex. */
  | {
      readonly kind: 'committed';
      readonly secret: string;
      readonly commitment: string;
      /** The public randomness that the commitment binds; absent: none. */
      readonly announced?: AnnouncedRandomness;
      /** How long the reveal waits for it; absent: not at all. */
      readonly waitMs?: number;
    }
  | { readonly kind: 'phase'; readonly phase: Phase; readonly atMs: number }
  /** The count of numbers handed out before the start is fixed. */
  | { readonly kind: 'sealed'; readonly drawn: number; readonly atMs: number; readonly startsAtMs: number }
  /** The seed of the draw is known, and with it every place. Hex. */
  | { readonly kind: 'revealed'; readonly seed: string; readonly randomness: DrawRandomness }
  | { readonly kind: 'called'; readonly places: readonly number[]; readonly atMs: number }
  /** Called, and did not claim within the claim window. */
  | { readonly kind: 'no-show'; readonly places: readonly number[] }
  /** The called device asked for more time to claim. */
  | { readonly kind: 'extended'; readonly place: number }
  /** Called, and left the line: the call is taken back, the place stays. */
  | { readonly kind: 'withdrawn'; readonly places: readonly number[] }
  /** A missed device said "I am here". */
  | { readonly kind: 'returned'; readonly places: readonly number[] }
  | {
      readonly kind: 'admitted';
      readonly passes: readonly { readonly place: number; readonly passId: string }[];
      readonly atMs: number;
      /** True for a device that walked straight through: it used up a call as well. */
      readonly straight?: boolean;
      /** Nothing says that its device keeps cookies: unless it is shown again the pass ends soon. */
      readonly isBrief?: true;
    }
  | {
      readonly kind: 'used';
      readonly passIds: readonly string[];
      readonly atMs: number;
      /** Those of them that were used on a path of the checkout. */
      readonly atCheckout?: readonly string[];
    }
  | {
      readonly kind: 'pass-ended';
      readonly passIds: readonly string[];
      readonly cause: PassEnd;
      /** Their time ran out at this instant: who was active may come back ahead of the line, once. */
      readonly mayReturnAtMs?: number;
    }
  /** The way back ahead of the line was not used in time. */
  | { readonly kind: 'comeback-over'; readonly places: readonly number[] }
  /** The operator let these in: called at once, whatever their place, and first at the gate. */
  | { readonly kind: 'invited'; readonly places: readonly number[]; readonly atMs: number }
  /** The autopilot set (in shadow: would set) a pace. */
  | ({ readonly kind: 'autopilot' } & AutopilotState)
  | { readonly kind: 'settings'; readonly settings: OperatorSettings; readonly atMs: number }
  /** So large a share of the calls is not claimed, as far as the caller has learned. */
  | { readonly kind: 'no-show-share'; readonly share: number; readonly atMs: number }
  /** A gateway surely saw the shop without its error signatures, which are named by what they are. */
  | { readonly kind: 'signatures-clean'; readonly signatures: string; readonly atMs: number }
  | { readonly kind: 'hold'; readonly hold: Hold; readonly on: boolean; readonly atMs: number }
  /** Nobody was caller in this span: it counts against nobody's claim window or pass. */
  | { readonly kind: 'unattended'; readonly fromMs: number; readonly toMs: number }
  /** So many numbers were handed out at that instant: it tells later which tickets are too old. */
  | { readonly kind: 'checkpoint'; readonly handedOut: number; readonly atMs: number }
  /** Tickets below this place are too old to come back; what was kept about them is dropped. */
  | { readonly kind: 'trimmed'; readonly below: number };

const changeKinds: Readonly<Record<RoomChange['kind'], true>> = {
  committed: true,
  phase: true,
  sealed: true,
  revealed: true,
  called: true,
  'no-show': true,
  extended: true,
  withdrawn: true,
  returned: true,
  admitted: true,
  used: true,
  'pass-ended': true,
  'comeback-over': true,
  invited: true,
  autopilot: true,
  settings: true,
  'no-show-share': true,
  'signatures-clean': true,
  hold: true,
  unattended: true,
  checkpoint: true,
  trimmed: true,
};

/** False for what only a later version knows. */
export function isChangeKind(kind: string): kind is RoomChange['kind'] {
  return Object.hasOwn(changeKinds, kind);
}

/** A device walked straight through. */
export function isWalkIn(change: RoomChange): boolean {
  return change.kind === 'admitted' && change.straight === true;
}
