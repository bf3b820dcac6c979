// The page's state and how it changes. Pure: events carry the device's clock; the server's clock is that plus an offset
// learned from `asOf`. Drawing, timers and the network belong to others.
import type { Bar, Claiming, Scene } from '../screen.ts';
import type { Status } from '../status.ts';
import type { Notice, Visit } from '../visit.ts';

/** How many were ahead at most, and as this tab last saw it while in line; null: not known. */
export interface AheadKept {
  readonly atFirst: number | null;
  readonly last: number | null;
}

/** What a scene is made from, without the instant and what the page itself tells. */
export interface Model extends Omit<Scene, 'nowMs' | 'cookiesBlocked' | 'draws'> {
  /** As it was last seen in line, before a reload too; null: not yet, or the line was left. */
  readonly aheadAtLast: number | null;
  readonly startMoved: boolean;
  readonly extensionsSpent: boolean;
  readonly cookiesAsked: boolean;
  /** Server's clock minus the device's. */
  readonly clockOffsetMs: number;
}

export type PageEvent =
  | { readonly kind: 'status'; readonly status: Status; readonly atMs: number }
  | { readonly kind: 'notice'; readonly notice: Notice; readonly atMs: number }
  | { readonly kind: 'opened' }
  | { readonly kind: 'lost'; readonly atMs: number }
  | { readonly kind: 'barred'; readonly bar: Bar }
  | { readonly kind: 'claiming'; readonly claiming: Claiming }
  | { readonly kind: 'leaving'; readonly leaving: boolean }
  | { readonly kind: 'extensions-spent' }
  | { readonly kind: 'cookies-asked' };

/** A frame that is older than the shown one by less than this came by a slower way and is dropped. */
const overtakenMsMax = 3_000;
/** A frame is at most a second old: an offset that falls by more than this means that the device's clock was set. */
const clockDriftMsMax = 2_000;

/** Delays only ever make the server's clock look behind, so the largest offset seen is the best one. */
const adjustOffset = (offsetMs: number, asOf: string, atMs: number, isFirst: boolean): number => {
  const sampleMs = Date.parse(asOf) - atMs;
  return isFirst || sampleMs > offsetMs || sampleMs < offsetMs - clockDriftMsMax ? sampleMs : offsetMs;
};

const isOvertaken = (shown: Status | null, status: Status): boolean => {
  if (shown === null || status.checking) return false;
  const behindMs = Date.parse(shown.asOf) - Date.parse(status.asOf);
  return behindMs > 0 && behindMs < overtakenMsMax;
};

/** Tabs that settle on one ticket change over from one number to another. */
const isSameTicket = (shown: Status | null, status: Status): boolean =>
  shown === null || shown.number === status.number;

const hasRisen = ({ status: shown, aheadAtLast }: Model, status: Status): boolean =>
  isSameTicket(shown, status) &&
  status.state === 'waiting' &&
  aheadAtLast !== null &&
  status.ahead !== null &&
  status.ahead > aheadAtLast;

const isMoved = (shown: Status | null, status: Status): boolean =>
  shown?.state === 'lobby' && status.state === 'lobby' && shown.startsAt !== null && shown.startsAt !== status.startsAt;

const takeStatus = (model: Model, status: Status, atMs: number): Model => {
  if (status.room !== model.room?.id || isOvertaken(model.status, status)) return model;
  const isFirst = model.status === null && model.notice === null;
  const ahead = status.state === 'waiting' ? status.ahead : null;
  const isSame = isSameTicket(model.status, status);
  const aheadAtFirst = isSame ? model.aheadAtFirst : null;
  const roseAtMs = isSame ? model.roseAtMs : null;
  return {
    ...model,
    status,
    notice: null,
    clockOffsetMs: status.checking
      ? model.clockOffsetMs
      : adjustOffset(model.clockOffsetMs, status.asOf, atMs, isFirst),
    aheadAtFirst: ahead === null ? aheadAtFirst : Math.max(ahead, aheadAtFirst ?? 0),
    startMoved: model.startMoved || isMoved(model.status, status),
    // The next call has its own.
    extensionsSpent: model.extensionsSpent && status.state === 'called',
    aheadAtLast: ahead,
    roseAtMs: hasRisen(model, status) ? Date.parse(status.asOf) : roseAtMs,
  };
};

const takeNotice = (model: Model, notice: Notice, atMs: number): Model => ({
  ...model,
  notice,
  clockOffsetMs:
    notice.asOf === undefined ? model.clockOffsetMs : adjustOffset(model.clockOffsetMs, notice.asOf, atMs, true),
});

/** `atMs` is the device's clock as the page came. */
export const startModel = (visit: Visit, ahead: AheadKept, atMs: number): Model => ({
  room: visit.room,
  status: null,
  notice: null,
  bar: 'none',
  claiming: 'idle',
  connection: 'connecting',
  lostAtMs: null,
  aheadAtFirst: ahead.atFirst,
  aheadAtLast: ahead.last,
  roseAtMs: null,
  leaving: false,
  startMoved: false,
  extensionsSpent: false,
  cookiesAsked: false,
  clockOffsetMs: (visit.servedAtMs ?? atMs) - atMs,
});

export const reduce = (model: Model, event: PageEvent): Model => {
  switch (event.kind) {
    case 'status':
      return takeStatus(model, event.status, event.atMs);
    case 'notice':
      return takeNotice(model, event.notice, event.atMs);
    case 'opened':
      return { ...model, connection: 'live', lostAtMs: null, bar: model.bar === 'superseded' ? 'none' : model.bar };
    case 'lost':
      return { ...model, connection: 'lost', lostAtMs: model.lostAtMs ?? event.atMs + model.clockOffsetMs };
    case 'barred':
      // What bars the device ends its claim too.
      return { ...model, bar: event.bar, claiming: 'idle' };
    case 'claiming':
      return { ...model, claiming: event.claiming };
    case 'leaving':
      return { ...model, leaving: event.leaving };
    case 'extensions-spent':
      return { ...model, extensionsSpent: true };
    case 'cookies-asked':
      return { ...model, cookiesAsked: true };
  }
};

export const sceneAt = (model: Model, atMs: number): Scene => ({ ...model, nowMs: atMs + model.clockOffsetMs });
