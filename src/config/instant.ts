// Instants of the configuration: RFC 3339 with a zone, to epoch milliseconds and back.
import { type Parsed, parsed, refused } from './parsed.ts';

export const instantPattern = '^\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)$';
const instantShape = new RegExp(instantPattern);
const zonelessShape = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/;
const example = '"2027-05-09T10:00:00+09:00"';

export function parseInstant(text: string): Parsed<number> {
  const shown = JSON.stringify(text.slice(0, 40));
  if (zonelessShape.test(text)) {
    return refused(`${shown} is a time without zone: write it with its offset, as in ${example}, or with "Z" for UTC`);
  }
  if (!instantShape.test(text)) return refused(`${shown} is not a time: write it as in ${example}`);
  const atMs = Date.parse(text.toUpperCase());
  if (Number.isNaN(atMs) || !isInCalendar(text)) return refused(`${shown} is not in the calendar or on the clock`);
  return parsed(atMs);
}

/** In UTC, without a zero fraction. */
export const showInstant = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');

/** `Date.parse` rolls 30 February over to March and takes 24:00; both are slips here. */
function isInCalendar(text: string): boolean {
  const wall = text.slice(0, 19).toUpperCase();
  const offset = /[+-](\d\d):(\d\d)$/.exec(text);
  if (offset !== null && (Number(offset[1]) > 23 || Number(offset[2]) > 59)) return false;
  const wallAtMs = Date.parse(`${wall}Z`);
  return !Number.isNaN(wallAtMs) && new Date(wallAtMs).toISOString().startsWith(wall);
}
