// Numbers, times and names of things as the console shows them.
import type { Audited, RoomReport } from './api.ts';

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const dateAndTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hour12: false });

export const showNumber = (value: number | null): string => (value === null ? '–' : number.format(value));
export const showTime = (at: string | number): string => time.format(new Date(at));
export const showDate = (at: string | null): string => (at === null ? 'not set' : dateAndTime.format(new Date(at)));

export function showSpan(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'under a minute';
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What there is to say about a room in one word, the worst first. */
export function conditionOf(room: RoomReport): {
  readonly word: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'still';
} {
  if (room.storeTrouble !== null) return { word: 'store away', tone: 'bad' };
  if (room.shopFailing) return { word: 'shop failing', tone: 'bad' };
  if (room.paused) return { word: 'paused', tone: 'warn' };
  if (room.phase === 'open') return { word: 'open', tone: 'good' };
  return { word: room.phase, tone: 'still' };
}

const limitWords: Readonly<Record<string, string>> = {
  'nobody-in-line': 'Nobody is in line.',
  pace: 'The pace is what limits the calling.',
  cap: 'The active cap is what limits the calling: the shop is full.',
  'claim-window': 'So many are called already that more would have to wait at the gate.',
  'claims-busy': 'Claims wait at the gate; they come first.',
  'not-calling': 'Nobody is called now.',
};

export const limitInWords = ({ limit }: RoomReport): string =>
  limit === null ? 'Another gateway is the caller of this room.' : (limitWords[limit] ?? limit);

const deeds: Readonly<Record<string, string>> = {
  setPace: 'set the pace',
  setCap: 'set the active cap',
  pause: 'paused the room',
  resume: 'ended the pause',
  setMessage: 'changed the message',
  setStock: 'changed the stock',
  setSchedule: 'moved the times',
  setPhase: 'changed the phase',
  enterFigure: 'entered the figure of the draw',
  makeToken: 'made a token',
  revokeToken: 'revoked a token',
  setLogLevel: 'set the log level',
  putRoom: 'made or changed the room',
  removeRoom: 'took the room away',
};

export const deedOf = ({ what }: Audited): string => deeds[what] ?? what;

export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null)
    .map(([key, part]) => `${key} ${typeof part === 'object' ? JSON.stringify(part) : String(part)}`)
    .join(', ');
}
