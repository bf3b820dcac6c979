// The report after the sale: one HTML page that needs no server and no script. Pure: made of what the store kept.
import type { AuditRecord } from '../audit-log.ts';
import type { HistoryRow } from '../merge-samples.ts';
import {
  findIncidents,
  findPaceChanges,
  fullestMinute,
  type Incident,
  incidentWords,
  type PaceChange,
} from './find-incidents.ts';
import { reportCharts } from './report-charts.ts';
import { reportStyle } from './report-style.ts';
import { escapeHtml, showClock, showDay, showNumber, showShare, showSpan } from './show.ts';
import { deedsOf, tellDeed, textsOf } from './tell-deed.ts';

export type ReportNeeds = {
  readonly room: string;
  readonly rows: readonly HistoryRow[];
  /** Nothing older was let go: what was counted before the first row belongs to the sale. */
  readonly isWhole: boolean;
  /** Of this room, oldest first. */
  readonly audit: readonly AuditRecord[];
  /** No older record of the audit trail was left out. */
  readonly isAuditWhole: boolean;
  readonly madeAt: string;
};

/** Of each kind the page shows the last so many; the CSV has every row, and the audit trail what operators did. */
const shownMax = 500;

export function reportHtml({ room, rows, isWhole, audit, isAuditWhole, madeAt }: ReportNeeds): string {
  const name = escapeHtml(room);
  const deeds = deedsOf(audit);
  const messages = deeds.filter(({ what, failure }) => what === 'setMessage' && failure === null);
  const madeAtMs = Date.parse(madeAt);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}: after the sale</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${reportStyle}</style></head><body><main>
<h1>${name}: after the sale</h1>
<p class="made">Made ${showDay(madeAtMs)} ${showClock(madeAtMs)} by Junban from what its store kept. All times are UTC.</p>
${rows.length === 0 ? '<p class="lead">Nothing was recorded for this room.</p>' : measured(rows, isWhole, messages)}
<h2>Messages to the line</h2>
${eventList(messages.map(messageEvent), 'None.')}
<h2>What operators did</h2>
${isAuditWhole ? '' : '<p class="none">Only the newest records of the audit trail were looked through: its export has all.</p>'}
${eventList(deeds.filter(({ what, failure }) => what !== 'setMessage' || failure !== null).map(deedEvent), 'Nothing.')}
</main></body></html>
`;
}

function measured(rows: readonly HistoryRow[], isWhole: boolean, messages: readonly AuditRecord[]): string {
  const incidents = findIncidents(rows);
  const marks = messages.map(({ at, after }) => ({
    atMs: Date.parse(at),
    label: textsOf(after)[0]?.[1] ?? 'message taken away',
  }));
  const grown = growthIn(rows, isWhole);
  return `${lead(rows, grown)}${summary(rows, incidents, grown)}
<h2>How it went</h2>
${bandLegend(incidents, marks.length > 0)}
${reportCharts({ rows, incidents, marks })}
<h2>Incidents</h2>
${eventList(incidents.map(incidentEvent), 'None were seen.')}
<h2>What the autopilot did</h2>
${eventList(findPaceChanges(rows).map(paceEvent), 'It changed no pace.')}`;
}

const sumOf = (rows: readonly HistoryRow[], of: (row: HistoryRow) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);
const mostOf = (rows: readonly HistoryRow[], of: (row: HistoryRow) => number): number =>
  rows.reduce((top, row) => Math.max(top, of(row)), 0);

type Grown = (of: (row: HistoryRow) => number) => number;

/** How far a count has grown over the rows; one that began anew counts from there. */
const growthIn =
  (rows: readonly HistoryRow[], isWhole: boolean): Grown =>
  of =>
    rows.reduce((total, row, index) => {
      const before = rows[index - 1];
      if (before === undefined) return isWhole ? of(row) : 0;
      return total + Math.max(0, of(row) - of(before));
    }, 0);

function lead(rows: readonly HistoryRow[], grown: Grown): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return '';
  const joined = showNumber(grown(row => row.room.handedOut ?? 0));
  const letIn = showNumber(grown(row => row.room.admitted));
  const isOneDay = showDay(first.atMs) === showDay(last.atMs);
  const from = `${showDay(first.atMs)} ${showClock(first.atMs)}`;
  const to = isOneDay ? showClock(last.atMs) : `${showDay(last.atMs)} ${showClock(last.atMs)}`;
  const span = showSpan(last.atMs - first.atMs);
  return `<p class="lead">From ${from} to ${to} (${span}) ${joined} devices joined and ${letIn} were let in.</p>`;
}

function summary(rows: readonly HistoryRow[], incidents: readonly Incident[], grown: Grown): string {
  const answers = sumOf(rows, row => row.shop.answers);
  const told = sumOf(rows, row => row.quality?.told ?? 0);
  const calls = grown(row => row.room.totals.called);
  const noShows = grown(row => row.room.noShows);
  const fullest = fullestMinute(rows);
  const failingMs = incidents
    .filter(({ kind }) => kind === 'failing')
    .reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);
  const peak = mostOf(rows, row => row.joinsPerMinute);
  const errors = sumOf(rows, row => row.shop.errors);
  const signatures = sumOf(rows, row => row.shop.signatures);
  const facts: readonly (readonly [label: string, value: string, more: string])[] = [
    ['Joined', showNumber(grown(row => row.room.handedOut ?? 0)), `at most ${showNumber(peak)} a minute`],
    ['Let in', showNumber(grown(row => row.room.admitted)), `${showNumber(calls)} calls`],
    ['Longest line', showNumber(mostOf(rows, row => row.room.waiting)), 'devices'],
    ['Most inside at once', showNumber(mostOf(rows, row => row.room.active)), capIn(rows)],
    [
      'Fullest minute',
      fullest === null ? '–' : `${(100 * fullest).toFixed(1)} %`,
      'let in, of what the pace allowed in it',
    ],
    ['No-shows', showNumber(noShows), `${showShare(noShows, calls)} of calls`],
    ['Returners', showNumber(grown(row => row.room.totals.returners)), 'missed their turn and came back'],
    ['Longest typical wait', longestWait(rows), 'half waited less'],
    [
      'Waits as told at the join',
      told === 0
        ? '–'
        : showShare(
            sumOf(rows, row => row.quality?.asTold ?? 0),
            told,
          ),
      told === 0 ? 'not measured' : `of ${showNumber(told)}`,
    ],
    ['Answers of the shop', showNumber(answers), slowest(rows)],
    ['Errors of the shop', showShare(errors, answers), `${showShare(signatures, answers)} with an error signature`],
    [
      'The shop was failing',
      failingMs === 0 ? 'never' : showSpan(failingMs),
      failingMs === 0 ? '' : 'nobody was called meanwhile',
    ],
  ];
  const cells = facts.map(
    ([label, value, more]) => `<div><dt>${label}</dt><dd>${value}<small>${more}</small></dd></div>`,
  );
  return `<dl>${cells.join('')}</dl>`;
}

function slowest(rows: readonly HistoryRow[]): string {
  const known = rows.some(({ shop }) => shop.p90Ms !== null);
  return known
    ? `90 % within ${showNumber(Math.round(mostOf(rows, row => row.shop.p90Ms ?? 0)))} ms at worst`
    : 'not measured';
}

function longestWait(rows: readonly HistoryRow[]): string {
  const known = rows.flatMap(({ quality }) => quality?.p50WaitMs ?? []);
  return known.length === 0 ? '–' : showSpan(Math.max(...known));
}

/** The cap while most were inside. */
function capIn(rows: readonly HistoryRow[]): string {
  const most = mostOf(rows, row => row.room.active);
  const cap = rows.find(row => row.room.active === most)?.room.activeCap ?? 0;
  return `cap ${showNumber(cap)}`;
}

function bandLegend(incidents: readonly Incident[], hasMarks: boolean): string {
  const words = {
    failing: 'shop failing',
    paused: 'paused',
    draining: 'drained',
    unrecorded: 'nothing recorded',
  } satisfies Record<Incident['kind'], string>;
  const kinds = [...new Set(incidents.map(({ kind }) => kind))];
  const bands = kinds.map(kind => `<li><i class="swatch ${kind}"></i>${words[kind]}</li>`);
  const marks = hasMarks ? '<li>▾ a message to the line</li>' : '';
  return bands.length === 0 && !hasMarks ? '' : `<ul class="legend">${bands.join('')}${marks}</ul>`;
}

type Event = { readonly atMs: number; readonly html: string };

function incidentEvent({ kind, fromMs, toMs }: Incident): Event {
  return { atMs: fromMs, html: `<p><b>${showSpan(toMs - fromMs)}.</b> ${incidentWords[kind]}</p>` };
}

function paceEvent({ atMs, from, to, reason }: PaceChange): Event {
  const why = reason === '' ? '' : ` ${escapeHtml(capital(reason))}.`;
  return { atMs, html: `<p>Pace ${showNumber(from)} → <b>${showNumber(to)}</b> a minute.${why}</p>` };
}

function messageEvent({ at, who, after }: AuditRecord): Event {
  const texts = textsOf(after);
  const quotes = texts.map(([language, text]) => {
    const lang = /^[A-Za-z0-9-]{2,35}$/.test(language) ? ` lang="${language}"` : '';
    return `<blockquote${lang} dir="auto">${escapeHtml(text)}</blockquote>`;
  });
  const told = texts.length === 0 ? '<p>The message was taken away.</p>' : quotes.join('');
  return { atMs: Date.parse(at), html: `<div>${told}<small>by ${escapeHtml(who)}</small></div>` };
}

function deedEvent(record: AuditRecord): Event {
  const why = record.why === null ? '' : ` <small>Why: ${escapeHtml(record.why)}</small>`;
  return {
    atMs: Date.parse(record.at),
    html: `<p><b>${escapeHtml(record.who)}</b> ${tellDeed(record)}${why}</p>`,
  };
}

function eventList(events: readonly Event[], none: string): string {
  if (events.length === 0) return `<p class="none">${none}</p>`;
  const shown = events.slice(-shownMax);
  const left = events.length - shown.length;
  const lines = shown.map(({ atMs, html }, index) => {
    const before = shown[index - 1];
    const day = before === undefined || showDay(before.atMs) !== showDay(atMs) ? showDay(atMs) : null;
    const heading = day === null ? '' : `<li class="day">${day}</li>`;
    return `${heading}<li><time datetime="${new Date(atMs).toISOString()}">${showClock(atMs)}</time>${html}</li>`;
  });
  const more = left === 0 ? '' : `<p class="none">${showNumber(left)} before these are not shown.</p>`;
  return `${more}<ol class="events">${lines.join('')}</ol>`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
