// Numbers, plurals, spans and instants in the words of one language. Pure: what it formats is given to it; the time zone
// is the reader's unless one is named.
import type { Plural, Wording } from './wording.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

export interface Formats {
  readonly wording: Wording;
  readonly number: (value: number) => string;
  readonly plural: (forms: Plural, value: number) => string;
  /** "about 35 to 50 minutes": rounded outwards, coarser the further away. */
  readonly estimate: (range: readonly [lowSeconds: number, highSeconds: number]) => string;
  /** "4:05", "1:00:00", "2 days 03:00:00"; never below zero, a begun second counts whole. */
  readonly countdown: (spanMs: number) => string;
  readonly ago: (spanMs: number) => string;
  readonly hourAndMinute: (atMs: number) => string;
  readonly timeOfDay: (atMs: number) => string;
  readonly dateAndTime: (atMs: number) => string;
}

/** Puts each value in the first place of its name in braces. */
export const fill = (template: string, values: Readonly<Record<string, string>>): string => {
  let text = template;
  for (const name in values) text = text.replace(`{${name}}`, () => values[name] ?? '');
  return text;
};

/** Each end by its own size: 4 to 15 minutes, 25 to 150. */
const minutesStep = (minutes: number): number => {
  if (minutes <= 10) return 1;
  return minutes <= 120 ? 5 : 30;
};
const downTo = (value: number, step: number): number => Math.floor(value / step) * step;
const upTo = (value: number, step: number): number => Math.ceil(value / step) * step;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const zoneOf = (timeZone: string | undefined): Intl.DateTimeFormatOptions =>
  timeZone === undefined ? {} : { timeZone, timeZoneName: 'short' };

export const createFormats = (wording: Wording, timeZone?: string): Formats => {
  // One kind of digits throughout: countdowns, numbers and times stand side by side.
  const tag = `${wording.tag}-u-nu-latn`;
  const numbers = new Intl.NumberFormat(tag);
  const plurals = new Intl.PluralRules(wording.tag);
  const times = new Intl.DateTimeFormat(tag, {
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    ...zoneOf(timeZone),
  });
  const dates = new Intl.DateTimeFormat(tag, {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...zoneOf(timeZone),
  });
  const shortTimes = new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit', ...zoneOf(timeZone) });
  const number = (value: number): string => numbers.format(value);
  const plural = (forms: Plural, value: number): string =>
    fill(forms[plurals.select(value)] ?? forms.other, { n: number(value) });
  const spanned = (single: Plural, range: Plural, low: number, high: number): string =>
    low === high
      ? plural(single, high)
      : fill(range[plurals.select(high)] ?? range.other, { low: number(low), high: number(high) });

  const estimate = ([lowSeconds, highSeconds]: readonly [number, number]): string => {
    const words = wording.durations;
    const highMinutes = highSeconds / 60;
    if (highMinutes <= 1) return words.underMinute;
    const lowHours = downTo(lowSeconds / 3_600, 0.5);
    if (highMinutes > 120 && lowHours > 0) {
      return spanned(words.hours, words.hoursRange, lowHours, upTo(highSeconds / 3_600, 0.5));
    }
    const low = downTo(lowSeconds / 60, minutesStep(lowSeconds / 60));
    const high = upTo(highMinutes, minutesStep(highMinutes));
    return low === 0 ? plural(words.minutesUpTo, high) : spanned(words.minutes, words.minutesRange, low, high);
  };

  const countdown = (spanMs: number): string => {
    const wholeMs = Math.max(0, Math.ceil(spanMs / secondMs) * secondMs);
    const days = Math.floor(wholeMs / dayMs);
    const hours = Math.floor((wholeMs % dayMs) / hourMs);
    const minutes = Math.floor((wholeMs % hourMs) / minuteMs);
    const seconds = twoDigits(Math.floor((wholeMs % minuteMs) / secondMs));
    if (days > 0) return `${plural(wording.durations.days, days)} ${twoDigits(hours)}:${twoDigits(minutes)}:${seconds}`;
    return hours > 0 ? `${hours}:${twoDigits(minutes)}:${seconds}` : `${minutes}:${seconds}`;
  };

  const ago = (spanMs: number): string => {
    const words = wording.durations;
    const wholeMs = Math.max(0, spanMs);
    if (wholeMs < minuteMs) return plural(words.secondsAgo, Math.floor(wholeMs / secondMs));
    if (wholeMs < hourMs) return plural(words.minutesAgo, Math.floor(wholeMs / minuteMs));
    return plural(words.hoursAgo, Math.floor(wholeMs / hourMs));
  };

  return {
    wording,
    number,
    plural,
    estimate,
    countdown,
    ago,
    hourAndMinute: atMs => shortTimes.format(atMs),
    timeOfDay: atMs => times.format(atMs),
    dateAndTime: atMs => dates.format(atMs),
  };
};
