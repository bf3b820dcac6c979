// What an operator did, in a sentence; others' words in it are escaped. Pure.
import type { AuditRecord } from '../audit-log.ts';
import { escapeHtml, showNumber } from './show.ts';

type Values = Readonly<Record<string, unknown>>;

/** Each gives text, not markup. */
const sentences: Readonly<Record<string, (before: Values, after: Values) => string>> = {
  setPace: (before, after) =>
    `set the pace from ${show(before['pacePerMinute'])} to ${show(after['perMinute'])} a minute`,
  setCap: (before, after) => `set the active cap from ${show(before['activeCap'])} to ${show(after['active'])}`,
  pause: () => 'paused the room',
  resume: () => 'ended the pause',
  setMessage: (_, after) => (textsOf(after).length === 0 ? 'took the message away' : 'told the line something'),
  setStock: (_, after) => `said what is left: ${stockIn(after['items'])}`,
  setSchedule: (_, after) => `moved the times: ${pairsIn(after)}`,
  setPhase: (before, after) => `took the room from ${show(before['phase'])} to ${show(after['phase'])}`,
  drain: (_, after) => (after['on'] === true ? 'let nobody else be called' : 'let devices be called again'),
  setShop: (_, after) => (after['failing'] === true ? 'said that the shop is failing' : 'said that the shop is well'),
  letIn: (_, after) => `let tickets in by hand: ${show(after['tickets'])}`,
  revokePasses: (_, after) => `took passes away: ${show(after['tickets'])}`,
  setAutopilot: (_, after) => `set the autopilot: ${pairsIn(after)}`,
  enterFigure: (_, after) => `entered the figure of the draw: ${show(after['value'])}`,
  putRoom: () => 'made or changed the room',
  removeRoom: () => 'took the room away',
};

export function tellDeed({ what, before, after, outcome, failure }: AuditRecord): string {
  const told = sentences[what]?.(valuesOf(before), valuesOf(after)) ?? `${what} ${pairsIn(valuesOf(after))}`;
  if (failure === null) return `${escapeHtml(told)}.`;
  const verdict = outcome === 'unknown' ? 'Whether it was done is not known' : 'Not done';
  return `${escapeHtml(told)}. <strong>${verdict}: ${escapeHtml(failure)}.</strong>`;
}

/** By language tag; '' where there is one text for all. */
export function textsOf(after: unknown): readonly (readonly [language: string, text: string])[] {
  const { text, texts } = valuesOf(after);
  if (typeof text === 'string') return [['', text]];
  return Object.entries(valuesOf(texts)).map(([language, each]) => [language, String(each)]);
}

/** One record a deed: what failed, may have, or replaced something else than was thought, is told once, as such. */
export function deedsOf(records: readonly AuditRecord[]): readonly AuditRecord[] {
  const deeds = new Map<string, AuditRecord>();
  for (const record of records) {
    const known = deeds.get(record.id);
    const { before, outcome, failure } = record;
    deeds.set(record.id, known === undefined ? record : { ...known, before, outcome, failure });
  }
  return [...deeds.values()];
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'what the file says';
  if (typeof value === 'number') return showNumber(value);
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const pairsIn = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(', ');

function stockIn(items: unknown): string {
  if (!Array.isArray(items)) return 'nothing any more';
  return items
    .map(item => {
      const { name, remaining } = valuesOf(item);
      return `${String(name)} ${typeof remaining === 'number' ? showNumber(remaining) : 'unknown'}`;
    })
    .join(', ');
}
