// The audit trail in words: what was done, and from what to what.
import type { Audited } from './api.ts';
import { showTexts, showValue, showWhen } from './words.ts';

const deeds: Readonly<Record<string, string>> = {
  setPace: 'set the pace',
  setCap: 'set the active cap',
  pause: 'paused the room',
  resume: 'ended the pause',
  setMessage: 'changed the message',
  setStock: 'changed the stock',
  setSchedule: 'moved the times',
  setPhase: 'changed the phase',
  drain: 'switched the draining',
  setShop: 'said how the shop is',
  letIn: 'let tickets in',
  revokePasses: 'took passes away',
  setAutopilot: 'set the autopilot',
  enterFigure: 'entered the figure of the draw',
  makeToken: 'made a token',
  revokeToken: 'revoked a token',
  setLogLevel: 'set the log level',
  putRoom: 'made or changed the room',
  removeRoom: 'took the room away',
};

export const deedOf = ({ what }: Audited): string => deeds[what] ?? what;

/** Newest first, one a deed: of two records of one id the newer says what became of it. */
export function told(records: readonly Audited[]): readonly Audited[] {
  const seen = new Set<string>();
  return records.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** What to say of a deed beside what it was; null where it was done. */
export function doubtOf({ outcome, failure }: Audited): string | null {
  if (failure === null) return null;
  return outcome === 'unknown' ? `whether it was done is not known: ${failure}` : `not done: ${failure}`;
}

/** "50 → 20", with names only where several things changed. */
export function changeOf({ what, before, after }: Audited): string {
  if (what === 'setMessage') return `${messageOf(before)} → ${messageOf(after)}`;
  const [was, is] = [valuesOf(what === 'setAutopilot' ? autopilotOf(before) : before), valuesOf(after)];
  if (is === null || was === null) return `${showValue(before)} → ${showValue(after)}`;
  if (is.length === 0) return '';
  if (was.length === 0) return showValue(is.length === 1 ? is[0]?.[1] : after);
  if (was.length <= 1 && is.length === 1) return `${showValue(was[0]?.[1])} → ${showValue(is[0]?.[1])}`;
  const named = is.map(([name, value]) => {
    const known = was.find(([other]) => other === name);
    return known === undefined ? `${name} ${showTimes(value)}` : `${name} ${showTimes(known[1])} → ${showTimes(value)}`;
  });
  return named.join('; ');
}

const autopilotOf = (before: unknown): unknown =>
  typeof before === 'object' && before !== null && 'autopilot' in before ? before.autopilot : before;

/** The room had `message` or `messages`, the write `text` or `texts`. */
function messageOf(value: unknown): string {
  const parts = valuesOf(value) ?? [];
  const [, found = null] = parts.findLast(([, part]) => part !== null) ?? [];
  if (typeof found === 'object' && found !== null) return showTexts(found);
  return found === null ? 'nothing' : `“${String(found)}”`;
}

const showTimes = (value: unknown): string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? showWhen(value) : showValue(value);

function valuesOf(value: unknown): readonly (readonly [string, unknown])[] | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : null;
}
