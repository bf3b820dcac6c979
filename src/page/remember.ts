// What many pages of one moment have in common is formatted once: in the rush all devices are told the same start, the
// same pace and nearly the same numbers. For the gateway only; the page itself draws once a second.
import type { Formats } from './formats.ts';
import type { Plural } from './wording.ts';

const keptMax = 256;

/** The function with its last results; for pure functions of few different values at a time. */
export const remember = <Given, Result>(of: (given: Given) => Result): ((given: Given) => Result) => {
  const kept = new Map<Given, Result>();
  return given => {
    const known = kept.get(given);
    if (known !== undefined) return known;
    const result = of(given);
    if (kept.size >= keptMax) kept.clear();
    kept.set(given, result);
    return result;
  };
};

export const remembering = (formats: Formats): Formats => {
  const pluralOf = remember((forms: Plural) => remember((value: number) => formats.plural(forms, value)));
  const countdownOf = remember((seconds: number) => formats.countdown(seconds * 1_000));
  return {
    ...formats,
    number: remember(formats.number),
    // A begun second counts whole.
    countdown: spanMs => countdownOf(Math.ceil(spanMs / 1_000)),
    plural: (forms, value) => pluralOf(forms)(value),
    hourAndMinute: remember(formats.hourAndMinute),
    dateAndTime: remember(formats.dateAndTime),
  };
};
