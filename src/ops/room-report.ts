// A room as operators see it: one snapshot of its numbers, made from what a gateway knows. Pure; where it is shown is
// left to the listener and the metrics.
import type { CallLimit } from '../admission/plan-calls.ts';
import { waitsUntilMs } from '../flow/reveal-draw.ts';
import { messageIn } from '../queue/operator-message.ts';
import { autopilotRules, capOf, paceOf } from '../queue/pace-in-force.ts';
import { asBefore, type Replaced } from '../queue/replaced.ts';
import type { Hold, Phase, Stock } from '../queue/room-change.ts';
import type { RoomRules } from '../queue/room-rules.ts';
import { type RoomState, scheduleOf } from '../queue/room-state.ts';
import { type AutopilotReport, reportAutopilot } from './autopilot-report.ts';

/** Why not more devices are called at this moment. */
export type ReportedLimit = CallLimit | 'not-calling';

/** How far the draw of a room has come, and with what randomness. */
export type DrawReport = {
  readonly commitment: string;
  readonly announced: 'drand' | 'figure' | 'none';
  /** The announced figure in the operator's words. */
  readonly named: string | null;
  /** How many numbers were sealed; null before the start. */
  readonly drawn: number | null;
  /** What the draw was revealed with; null before that. */
  readonly revealedWith: 'drand' | 'figure' | 'none' | null;
  /** What was announced did not come in time, and the draw was made without it. */
  readonly fellBack: boolean;
  /** While it is awaited: until when at most. */
  readonly waitsUntil: string | null;
};

const autopilotSettings = ['mode', 'minPerMinute', 'maxPerMinute', 'stepPercent', 'latencyTargetMs'] as const;

export type Difference = {
  readonly setting:
    | 'pacePerMinute'
    | 'activeCap'
    | 'opensAt'
    | 'startsAt'
    | 'endsAt'
    | `autopilot.${(typeof autopilotSettings)[number]}`;
  readonly file: number | string | null;
  readonly now: number | string | null;
};

/** The gateways by what they see of its answers, or an operator by word. */
export const shopWitnesses = ['gateways', 'operator'] as const;
export type ShopWitness = (typeof shopWitnesses)[number];
const holdOf = { gateways: 'shop-failing', operator: 'shop-down' } as const satisfies Record<ShopWitness, Hold>;

/** The body of `GET /api/v1/rooms/{room}`. What is unknown is null. */
export type RoomReport = {
  readonly room: string;
  readonly phase: Phase;
  readonly paused: boolean;
  readonly pacePerMinute: number;
  readonly activeCap: number;
  /** Arrival numbers handed out. */
  readonly handedOut: number | null;
  /** Devices that are really there, whatever their state. */
  readonly present: number;
  /** Devices in line: present, neither called nor missed; before the start everybody present. */
  readonly waiting: number;
  /** Devices called and not yet in. */
  readonly called: number;
  /** Devices whose call was taken back and that have not said "I am here" since. */
  readonly missed: number;
  /** Devices whose pass ran out and that may still come back ahead of everybody behind their place. */
  readonly comebacks: number;
  /** Calls that were not claimed in their window, ever. */
  readonly noShows: number;
  /** The share of calls that nobody claims, as the caller has learned it; calling makes up for it. */
  readonly noShowShare: number;
  /** Devices let in, ever. */
  readonly admitted: number;
  /** Passes alive. */
  readonly active: number;
  readonly frontier: number;
  readonly autopilot: AutopilotReport;
  /** Null when this gateway is not the caller. */
  readonly limit: ReportedLimit | null;
  /** The operator's message; where it has several languages, the first of them. */
  readonly message: string | null;
  /** By language tag, where the operator gave several texts. */
  readonly messages: Readonly<Record<string, string>> | null;
  readonly stock: Stock | null;
  readonly opensAt: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  /** Null in a room that has committed to no draw. */
  readonly draw: DrawReport | null;
  /** Grows whenever the room is steered: what `If-Match` compares. */
  readonly revision: number;
  /** What an operator set, where it differs from the configuration file. */
  readonly differences: readonly Difference[];
  /** The shop is seen to fail, or an operator says that it does. */
  readonly shopFailing: boolean;
  /** Who says so. */
  readonly shopFailingBy: readonly ShopWitness[];
  /** Nobody new is called. */
  readonly draining: boolean;
  /** Calls, returns and ended passes, ever. */
  readonly totals: { readonly called: number; readonly returners: number; readonly ended: number };
  /** Why the store does not answer; null while all is well. */
  readonly storeTrouble: string | null;
  /** Why nobody has a place at this gateway though the draw is revealed; null while all is well. */
  readonly drawTrouble: string | null;
  /** The store is out of reach: the numbers are the last that were known. */
  readonly checking: boolean;
  readonly asOf: string;
};

/** What a report needs of `RoomView`. */
export type RoomSight = {
  readonly state: RoomState;
  readonly rules: RoomRules;
  readonly presentCount: number;
  readonly total: number;
  readonly checking: boolean;
  readonly asOfMs: number;
};

export type ReportNeeds = {
  readonly view: RoomSight;
  /** The room is told as it was before that; default: as it is. */
  readonly replaced?: Replaced | undefined;
  /** Null while the store cannot say. */
  readonly handedOut: number | null;
  readonly limit: ReportedLimit | null;
  /** An error signature of the room matches nearly every page. */
  readonly signatureUseless?: boolean;
  readonly storeTrouble: string | null;
  readonly drawTrouble?: string | null;
};

/** OP6. */
export function reportRoom({
  view,
  replaced,
  handedOut,
  limit,
  signatureUseless = false,
  storeTrouble,
  drawTrouble = null,
}: ReportNeeds): RoomReport {
  const { rules, checking } = view;
  const state = replaced === undefined ? view.state : asBefore(view.state, replaced);
  const { called, noShows, admitted, returners, ended } = state.totals;
  const { message = null, stock = null } = state.settings;
  const { opensAtMs, startsAtMs, endsAtMs } = scheduleOf(state, rules);
  return {
    room: rules.id,
    phase: state.phase,
    paused: state.holds.has('paused'),
    pacePerMinute: paceOf(state, rules),
    activeCap: capOf(state, rules),
    handedOut,
    present: view.presentCount,
    waiting: state.phase === 'ended' ? 0 : view.total,
    called: state.calls.size,
    missed: state.missed.count - state.comebacks.size,
    comebacks: state.comebacks.size,
    noShows,
    noShowShare: state.noShowShare,
    admitted,
    active: state.passes.size,
    frontier: state.frontier,
    autopilot: reportAutopilot(state, rules, signatureUseless),
    limit,
    message: messageIn(message, ''),
    messages: typeof message === 'string' ? null : message,
    stock,
    opensAt: instant(opensAtMs),
    startsAt: instant(startsAtMs),
    endsAt: instant(endsAtMs),
    draw: reportDraw(state),
    revision: state.revision,
    differences: differencesOf(state, rules),
    shopFailing: state.holds.has('shop-failing') || state.holds.has('shop-down'),
    shopFailingBy: shopWitnesses.filter(witness => state.holds.has(holdOf[witness])),
    draining: state.settings.draining === true,
    totals: { called, returners, ended },
    storeTrouble,
    drawTrouble,
    checking: checking || storeTrouble !== null,
    asOf: new Date(view.asOfMs).toISOString(),
  };
}

/** PG144. */
function reportDraw(state: RoomState): DrawReport | null {
  if (state.draw === null) return null;
  const { commitment, announced, drawn, randomness } = state.draw;
  return {
    commitment,
    announced: announced.kind,
    named: announced.kind === 'figure' ? announced.named : null,
    drawn,
    revealedWith: randomness?.kind ?? null,
    fellBack: randomness?.kind === 'none' && randomness.announced !== undefined,
    waitsUntil: instant(waitsUntilMs(state)),
  };
}

function differencesOf(state: RoomState, rules: RoomRules): Difference[] {
  const now = scheduleOf(state, rules);
  const autopilot = { file: autopilotRules({ settings: {} }, rules), now: autopilotRules(state, rules) };
  const all: readonly Difference[] = [
    { setting: 'pacePerMinute', file: rules.pacePerMinute, now: paceOf(state, rules) },
    { setting: 'activeCap', file: rules.activeCap, now: capOf(state, rules) },
    { setting: 'opensAt', file: instant(rules.opensAtMs), now: instant(now.opensAtMs) },
    { setting: 'startsAt', file: instant(rules.startsAtMs), now: instant(now.startsAtMs) },
    { setting: 'endsAt', file: instant(rules.endsAtMs), now: instant(now.endsAtMs) },
    ...autopilotSettings.map(name => ({
      ...{ setting: `autopilot.${name}` as const, file: autopilot.file[name], now: autopilot.now[name] },
    })),
  ];
  return all.filter(({ file, now: set }) => file !== set);
}

const instant = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());
