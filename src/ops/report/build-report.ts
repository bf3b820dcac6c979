// The report after the sale: one HTML page that needs no server and no script, and the same numbers as CSV. Pure: made of
// what the store kept.
import type { AuditRecord } from '../audit-log.ts';
import type { HistoryRow } from '../merge-samples.ts';
import { type Line, svgChart } from './svg-chart.ts';

export type ReportNeeds = {
  readonly room: string;
  readonly rows: readonly HistoryRow[];
  /** Of this room, oldest first. */
  readonly audit: readonly AuditRecord[];
  readonly madeAt: string;
};

const colors = ['#0b7285', '#c2255c', '#5f3dc4', '#868e96'] as const;

export function reportCsv(rows: readonly HistoryRow[]): string {
  const columns: readonly (readonly [string, (row: HistoryRow) => string | number | boolean | null])[] = [
    ['at', row => new Date(row.atMs).toISOString()],
    ['phase', row => row.room.phase],
    ['paused', row => row.room.paused],
    ['shopFailing', row => row.room.shopFailing],
    ['present', row => row.room.present],
    ['waiting', row => row.room.waiting],
    ['called', row => row.room.called],
    ['active', row => row.room.active],
    ['activeCap', row => row.room.activeCap],
    ['pacePerMinute', row => row.room.pacePerMinute],
    ['autopilotPacePerMinute', row => row.room.autopilot.pacePerMinute],
    ['handedOut', row => row.room.handedOut],
    ['admitted', row => row.room.admitted],
    ['noShows', row => row.room.noShows],
    ['returners', row => row.room.totals.returners],
    ['passesEnded', row => row.room.totals.ended],
    ['joinsPerMinute', row => row.joinsPerMinute],
    ['callsPerMinute', row => row.callsPerMinute],
    ['admissionsPerMinute', row => row.admissionsPerMinute],
    ['shopAnswers', row => row.shop.answers],
    ['shopErrors', row => row.shop.errors],
    ['shopSignatures', row => row.shop.signatures],
    ['shopP50Ms', row => row.shop.p50Ms],
    ['shopP90Ms', row => row.shop.p90Ms],
    ['waitP50Ms', row => row.quality?.p50WaitMs ?? null],
    ['waitP90Ms', row => row.quality?.p90WaitMs ?? null],
    ['waitsTold', row => row.quality?.told ?? 0],
    ['waitsAsTold', row => row.quality?.asTold ?? 0],
  ];
  const lines = rows.map(row => columns.map(([, value]) => String(value(row) ?? '')).join(','));
  return `${[columns.map(([name]) => name).join(','), ...lines].join('\r\n')}\r\n`;
}

export function reportHtml({ room, rows, audit, madeAt }: ReportNeeds): string {
  const name = escapeHtml(room);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}: after the sale</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head><body><main>
<h1>${name}: after the sale</h1><p>Made ${madeAt} by Junban from what its store kept, a row every ten seconds.</p>
${rows.length === 0 ? '<p>Nothing was recorded for this room.</p>' : `${summary(rows)}${charts(rows)}${incidents(rows)}`}
${deeds(
  'Messages to the line',
  audit.filter(({ what }) => what === 'setMessage'),
)}
${deeds('What operators did', audit)}
</main></body></html>
`;
}

function summary(rows: readonly HistoryRow[]): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return '';
  const sum = (of: (row: HistoryRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const most = (of: (row: HistoryRow) => number): number => rows.reduce((top, row) => Math.max(top, of(row)), 0);
  const answers = sum(row => row.shop.answers);
  const told = sum(row => row.quality?.told ?? 0);
  const calls = last.room.totals.called - first.room.totals.called;
  const noShows = last.room.noShows - first.room.noShows;
  const facts: readonly (readonly [string, string])[] = [
    ['From', new Date(first.atMs).toISOString()],
    ['To', new Date(last.atMs).toISOString()],
    ['Joined', show((last.room.handedOut ?? 0) - (first.room.handedOut ?? 0))],
    ['Let in', show(last.room.admitted - first.room.admitted)],
    ['Longest line', show(most(row => row.room.waiting))],
    ['Most inside at once', show(most(row => row.room.active))],
    ['No-shows', `${show(noShows)} (${percent(noShows, calls)} of calls)`],
    ['Longest typical wait', span(most(row => row.quality?.p50WaitMs ?? 0))],
    [
      'Waits as told at the join',
      told === 0
        ? 'not measured'
        : percent(
            sum(row => row.quality?.asTold ?? 0),
            told,
          ),
    ],
    ['Answers of the shop', show(answers)],
    [
      'Of these errors',
      percent(
        sum(row => row.shop.errors),
        answers,
      ),
    ],
    [
      'With an error signature',
      percent(
        sum(row => row.shop.signatures),
        answers,
      ),
    ],
  ];
  return `<dl>${facts.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function charts(rows: readonly HistoryRow[]): string {
  const atMs = rows.map(row => row.atMs);
  const line = (index: number, label: string, value: (row: HistoryRow) => number | null): Line => ({
    label,
    color: colors[index] ?? '#000',
    values: rows.map(value),
  });
  const share = (part: number, all: number): number | null => (all === 0 ? null : (100 * part) / all);
  return [
    svgChart('Arrivals and the line', 'devices', atMs, [
      line(0, 'in line', row => row.room.waiting),
      line(1, 'called', row => row.room.called),
      line(2, 'inside', row => row.room.active),
      line(3, 'present', row => row.room.present),
    ]),
    svgChart('Admissions against the pace', 'per minute', atMs, [
      line(0, 'joined', row => row.joinsPerMinute),
      line(1, 'let in', row => row.admissionsPerMinute),
      line(2, 'pace', row => row.room.pacePerMinute),
      line(3, 'no-shows', row => row.noShowsPerMinute),
    ]),
    svgChart('Waits', 'minutes', atMs, [
      line(0, 'half within', row => minutes(row.quality?.p50WaitMs)),
      line(1, '90 % within', row => minutes(row.quality?.p90WaitMs)),
    ]),
    svgChart('Estimate quality', '% of waits as told at the join', atMs, [
      line(0, 'as told', row => share(row.quality?.asTold ?? 0, row.quality?.told ?? 0)),
    ]),
    svgChart('Answers of the shop', 'ms to the first byte', atMs, [
      line(0, 'half within', row => row.shop.p50Ms),
      line(1, '90 % within', row => row.shop.p90Ms),
    ]),
    svgChart('Trouble in the shop', '% of answers', atMs, [
      line(1, 'errors', row => share(row.shop.errors, row.shop.answers)),
      line(2, 'signatures', row => share(row.shop.signatures, row.shop.answers)),
    ]),
  ].join('\n');
}

const gapMs = 45_000;

/** Spans in which something was wrong or held, and those of which nothing is known. */
function incidents(rows: readonly HistoryRow[]): string {
  const kinds: readonly (readonly [string, (row: HistoryRow) => boolean])[] = [
    ['The shop was failing', row => row.room.shopFailing],
    ['Paused by an operator', row => row.room.paused],
  ];
  const spans = kinds.flatMap(([what, holds]) => spansOf(rows, holds).map(found => ({ what, ...found })));
  const gaps = rows.flatMap((row, index) => {
    const fromMs = rows[index - 1]?.atMs ?? row.atMs;
    return row.atMs - fromMs > gapMs
      ? [{ what: 'Nothing was recorded: no gateway, or no store', fromMs, toMs: row.atMs }]
      : [];
  });
  const all = [...spans, ...gaps].sort((one, other) => one.fromMs - other.fromMs);
  if (all.length === 0) return '<h2>Incidents</h2><p>None were seen.</p>';
  const lines = all.map(
    ({ what, fromMs, toMs }) =>
      `<tr><td>${new Date(fromMs).toISOString()}</td><td>${span(toMs - fromMs)}</td><td>${what}</td></tr>`,
  );
  return `<h2>Incidents</h2><table><tr><th>From</th><th>For</th><th>What</th></tr>${lines.join('')}</table>`;
}

function spansOf(rows: readonly HistoryRow[], holds: (row: HistoryRow) => boolean) {
  const spans: { fromMs: number; toMs: number }[] = [];
  let open: { fromMs: number; toMs: number } | null = null;
  for (const row of rows) {
    if (!holds(row)) open = null;
    else if (open !== null) open.toMs = row.atMs;
    else {
      open = { fromMs: row.atMs, toMs: row.atMs };
      spans.push(open);
    }
  }
  return spans;
}

function deeds(title: string, audit: readonly AuditRecord[]): string {
  if (audit.length === 0) return `<h2>${title}</h2><p>None.</p>`;
  const lines = audit.map(
    ({ at, who, what, before, after, why, failure }) =>
      `<tr><td>${at}</td><td>${escapeHtml(who)}</td><td>${escapeHtml(what)}${failure === null ? '' : ` (not done: ${escapeHtml(failure)})`}</td><td>${escapeHtml(JSON.stringify(before))} → ${escapeHtml(JSON.stringify(after))}</td><td>${escapeHtml(why ?? '')}</td></tr>`,
  );
  return `<h2>${title}</h2><table><tr><th>When</th><th>Who</th><th>What</th><th>From → to</th><th>Why</th></tr>${lines.join('')}</table>`;
}

const minutes = (ms: number | null | undefined): number | null => (ms == null ? null : ms / 60_000);
const show = (value: number): string => new Intl.NumberFormat('en').format(value);
const percent = (part: number, all: number): string => (all <= 0 ? '–' : `${((100 * part) / all).toFixed(1)} %`);
const span = (ms: number): string => (ms < 90_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

const style = `body{font:15px/1.5 system-ui,sans-serif;color:#1d1c1a;background:#fff;margin:0}main{max-width:960px;margin:0 auto;padding:20px}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:12px}dt,small{color:#57534c}dd{margin:0;font-weight:650}
figure{margin:22px 0}figcaption{font-weight:650}svg{width:100%;height:auto}svg text{font-size:11px;fill:#57534c}.grid{stroke:#dedad1;fill:none}
.legend span{margin-right:16px}.legend i{display:inline-block;width:11px;height:11px;margin-right:5px}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:4px 8px;border-bottom:1px solid #dedad1;overflow-wrap:anywhere}`;
