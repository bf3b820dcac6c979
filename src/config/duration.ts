// Durations of the configuration: "90s", "5m", "1h30m", "500ms", "7d" to milliseconds and back.
// A bare number is refused by the schema with the text that this file provides.
import { type Parsed, parsed, refused } from './parsed.ts';

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const durationMsMax = 3_650 * unitMs.d;

/** Units descend and each stands once, as in "1d12h" or "1h30m". */
export const durationPattern = '^(?=\\d)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$';
const durationShape = new RegExp(durationPattern);

export function parseDuration(text: string, leastMs = 0): Parsed<number> {
  const match = durationShape.exec(text);
  if (match === null) {
    if (/^[\d.]+$/.test(text)) return refused(bareNumber(text));
    return refused(`${quoted(text)} is not a duration: write "90s", "5m" or "1h30m" (units: ms, s, m, h, d)`);
  }
  const totalMs = Object.values(unitMs).reduce(
    (sumMs, ms, part) => sumMs + Number.parseInt(match[part + 1] ?? '0', 10) * ms,
    0,
  );
  if (totalMs < leastMs) return refused(`"${text}" is too short: at least "${showDuration(leastMs)}"`);
  if (totalMs > durationMsMax)
    return refused(`"${text.slice(0, 40)}" is too long: at most "${showDuration(durationMsMax)}"`);
  return parsed(totalMs);
}

/** The message for a number where a duration belongs; it shows the right form. */
export function bareNumber(number: number | string): string {
  const whole = /^\d+$/.test(`${number}`) ? `${number}` : '90';
  return `a duration needs a unit: write "${whole}s", "${whole}m" or "${whole}ms" instead of ${number}`;
}

/** The shortest text that `parseDuration` reads as the same duration: 5400000 is "1h30m". */
export function showDuration(durationMs: number): string {
  let restMs = durationMs;
  let text = '';
  for (const [unit, ms] of Object.entries(unitMs)) {
    const count = Math.floor(restMs / ms);
    restMs -= count * ms;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 40));
