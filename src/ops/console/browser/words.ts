// Numbers, times and names of things as the console shows them.
import type { RoomReport } from './api.ts';

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dateAndTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

export const showNumber = (value: number | null): string => (value === null ? '–' : number.format(value));
export const showTime = (at: string | number): string => time.format(new Date(at));
export const showDate = (at: string | null): string => (at === null ? 'not set' : dateAndTime.format(new Date(at)));

/** The time alone where it is today's. */
export function showWhen(at: string): string {
  const [then, now] = [new Date(at), new Date()];
  return day.format(then) === day.format(now) ? time.format(then) : dateAndTime.format(then);
}

export function showSpan(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'under a minute';
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

/** `1:02:07`, for what is counted down. */
export function showCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const two = (part: number): string => String(part).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours >= 48 ? showSpan(ms) : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

export type Tone = 'good' | 'warn' | 'bad' | 'still';

/** What there is to say about a room in a word or two, the worst first. */
export function conditionOf(room: RoomReport): { readonly word: string; readonly tone: Tone } {
  if (room.storeTrouble !== null) return { word: 'store away', tone: 'bad' };
  if (room.drawTrouble !== null) return { word: 'draw failing', tone: 'bad' };
  if (room.shopFailing) return { word: 'shop failing', tone: 'bad' };
  if (room.paused) return { word: 'paused', tone: 'warn' };
  if (room.draining) return { word: 'draining', tone: 'warn' };
  if (room.phase === 'open') return { word: 'open', tone: 'good' };
  return { word: room.phase, tone: 'still' };
}

/** The time that comes next by itself; null: none does. */
export function nextTimeOf(room: RoomReport): { readonly what: string; readonly at: string } | null {
  const { phase, opensAt, startsAt, endsAt } = room;
  if (phase === 'closed' && opensAt !== null) return { what: 'Lobby opens', at: opensAt };
  if ((phase === 'closed' || phase === 'lobby') && startsAt !== null) return { what: 'Sale starts', at: startsAt };
  return phase !== 'ended' && endsAt !== null ? { what: 'Room ends', at: endsAt } : null;
}

const limitWords = {
  draining: 'Draining: nobody new is called.',
  gathering: 'The caller is new here and first hears who is there.',
  'nobody-in-line': 'Nobody is in line.',
  pace: 'The pace is what limits the calling.',
  cap: 'The active cap is what limits the calling: with those who are called the shop is full.',
  'claim-window': 'So many are called already that more would have to wait at the gate.',
  'claims-busy': 'Claims wait at the gate; they come first.',
  'not-calling': 'Nobody is called now.',
} satisfies Record<NonNullable<RoomReport['limit']>, string>;

export const limitInWords = ({ limit }: RoomReport): string =>
  limit === null ? 'Another gateway is the caller of this room.' : limitWords[limit];

/** The operator's message, each text with its language where there are several. */
export function showMessage({ message, messages }: Pick<RoomReport, 'message' | 'messages'>): string {
  if (messages !== null) return showTexts(messages);
  return message === null ? 'nothing' : `“${message}”`;
}

export function showTexts(texts: object): string {
  const each = Object.entries(texts);
  return each.map(([tag, text]) => `“${String(text)}”${each.length > 1 ? ` (${tag})` : ''}`).join(' ');
}

/** Anything that an operator set, in one line. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return showNumber(value);
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map(showPart).join(', ');
  return typeof value === 'object' ? showPart(value) : String(value);
}

function showPart(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('name' in value && 'remaining' in value)
    return `${String(value.name)} ${value.remaining === null ? '(not known)' : showValue(value.remaining)}`;
  return Object.entries(value)
    .filter(([, part]) => part !== null)
    .map(([key, part]) => `${key} ${typeof part === 'object' ? JSON.stringify(part) : String(part)}`)
    .join(', ');
}
