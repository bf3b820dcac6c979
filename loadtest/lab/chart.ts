// What is shown of a run of the lab: a line of the table, and an SVG of its seconds.
import type { LabRun, LabSecond } from './play-scenario.ts';

export type LabFigures = {
  readonly name: string;
  readonly scenario: string;
  readonly requests: number;
  /** Share of the requests that the shop answered with an error. */
  readonly errorShare: number;
  /** The same, leaving out the first 5 s and 5 s after each change of the shop; many small ones after each other are one. */
  readonly errorShareSettled: number;
  /** Errors that fans saw, whoever made them, of the requests of those seconds. */
  readonly seenShareSettled: number;
  /** Of the capacity in the last 30 s. */
  readonly used: number;
  /** Seconds from the last restoration until nine tenths were used over 10 s; null: nothing was restored, or never. */
  readonly backAfterSeconds: number | null;
  readonly thrownBack: number;
  /** Honest answers of the gateway's own. */
  readonly held: number;
  readonly gaveUp: number;
  readonly bought: number;
  /** Of the ranges told along the line; null: there is no line. */
  readonly estimates: LabRun['estimates'];
  /** Whether each goal is reached; null: there is none, because no autopilot is there. */
  readonly isReached: boolean | null;
};

const settleSeconds = 5;
const lastSeconds = 30;
/** What the autopilot is to reach. */
export const goals = { errorShareSettled: 0.001, used: 0.9, backAfterSeconds: 60, thrownBack: 0 } as const;

const sum = (seconds: readonly LabSecond[], of: (second: LabSecond) => number): number =>
  seconds.reduce((total, second) => total + of(second), 0);
const usedIn = (seconds: readonly LabSecond[]): number =>
  sum(seconds, ({ served }) => served) /
  Math.max(
    1,
    sum(seconds, ({ knee }) => knee),
  );
const errorShareOf = (seconds: readonly LabSecond[], of = ({ errors }: LabSecond) => errors): number =>
  sum(seconds, of) /
  Math.max(
    1,
    sum(seconds, ({ requests }) => requests),
  );

export function figuresOf({ scenario, seconds, thrownBack, bought, held, gaveUp, estimates }: LabRun): LabFigures {
  const changes = changesOf(scenario);
  const settled = seconds.filter((_, second) => changes.every(at => second < at || second >= at + settleSeconds));
  const isRestored = lastRestoration(seconds) >= 0;
  const figures = {
    requests: sum(seconds, each => each.requests),
    errorShare: errorShareOf(seconds),
    errorShareSettled: errorShareOf(settled),
    seenShareSettled: errorShareOf(settled, ({ seen }) => seen),
    used: usedIn(seconds.slice(-lastSeconds)),
    backAfterSeconds: backAfter(seconds),
    thrownBack,
  };
  const isReached =
    Math.max(figures.errorShareSettled, figures.seenShareSettled) < goals.errorShareSettled &&
    figures.used >= goals.used &&
    (!isRestored || (figures.backAfterSeconds ?? Number.POSITIVE_INFINITY) <= goals.backAfterSeconds) &&
    thrownBack <= goals.thrownBack;
  return {
    name: scenario.name,
    scenario: scenario.title,
    ...figures,
    ...{ held, gaveUp, bought, estimates },
    isReached: scenario.room?.autopilot === true ? isReached : null,
  };
}

/** A leak is one change that goes on: what happens while it does is judged. */
function changesOf({ events }: LabRun['scenario']): readonly number[] {
  const seconds = events.map(({ atSecond }) => atSecond);
  return [0, ...seconds.filter((at, index) => index === 0 || at > (seconds[index - 1] ?? at) + settleSeconds)];
}

function lastRestoration(seconds: readonly LabSecond[]): number {
  return seconds.findLastIndex(({ knee }, at) => at > 0 && knee > (seconds[at - 1]?.knee ?? knee));
}

function backAfter(seconds: readonly LabSecond[]): number | null {
  const restored = lastRestoration(seconds);
  if (restored < 0) return null;
  for (let at = restored + 10; at <= seconds.length; at += 1) {
    if (usedIn(seconds.slice(at - 10, at)) >= 0.9) return at - restored;
  }
  return null;
}

/** The same as a page: goal beside reached. */
export function pageOf(rows: readonly LabFigures[], machine: string): string {
  const [head = [], ...lines] = cellsOf(rows);
  const steered = rows.filter(({ isReached }) => isReached !== null);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '# The M941 lab, as played last',
    '',
    'Goals, with the autopilot: settled errors < 0.1 %, used ≥ 90 % in the last 30 s, back within 60 s, nobody thrown back.',
    `What the columns say is in [loadtest/README.md](../../README.md). Machine: ${machine}.`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...lines.map(line),
    '',
    `Over all scenarios with the autopilot the told range held ${heldOf(steered)} of the true waits (goal: 77 to 83 %).`,
    '',
    ...rows.flatMap(({ name, scenario }) => [`![${scenario}](${name}.svg)`, '']),
  ].join('\n');
}

export function tableOf(rows: readonly LabFigures[]): string {
  const [head = [], ...lines] = cellsOf(rows);
  const widths = head.map((title, at) => Math.max(title.length, ...lines.map(line => line[at]?.length ?? 0)));
  return [head, ...lines]
    .map(line =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n');
}

function cellsOf(rows: readonly LabFigures[]): readonly (readonly string[])[] {
  const head = [
    'scenario',
    'requests',
    'errors',
    'settled',
    'seen',
    'used',
    'back',
    'thrown back',
    'held',
    'gave up',
    'bought',
    'ranges held',
    'goals',
  ];
  const lines = rows.map(row => [
    row.scenario,
    String(row.requests),
    percent(row.errorShare),
    percent(row.errorShareSettled),
    percent(row.seenShareSettled),
    `${Math.round(row.used * 100)} %`,
    row.backAfterSeconds === null ? '' : `${row.backAfterSeconds} s`,
    String(row.thrownBack),
    String(row.held),
    String(row.gaveUp),
    String(row.bought),
    heldOf([row]),
    row.isReached === null ? '' : row.isReached ? 'reached' : 'missed',
  ]);
  return [head, ...lines];
}

function heldOf(rows: readonly LabFigures[]): string {
  const count = (outcome: 'held' | 'missed') => rows.reduce((total, row) => total + (row.estimates?.[outcome] ?? 0), 0);
  const [held, missed] = [count('held'), count('missed')];
  return held + missed === 0 ? '' : `${Math.round((held / (held + missed)) * 100)} %`;
}

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;

const width = 720;
const height = 260;
const margin = 40;

type Curve = { readonly name: string; readonly colour: string; readonly of: (second: LabSecond) => number };

const curves: readonly Curve[] = [
  { name: 'capacity', colour: '#888888', of: ({ knee }) => knee },
  { name: 'answered', colour: '#1b7f4b', of: ({ served }) => served },
  { name: 'errors', colour: '#c0392b', of: ({ errors }) => errors },
  { name: 'pace (admissions in 10 s)', colour: '#2455a4', of: ({ pacePerMinute }) => pacePerMinute / 6 },
];

export function chartOf({ scenario, seconds }: LabRun): string {
  const most = Math.max(10, ...seconds.flatMap(second => curves.map(({ of }) => of(second))));
  const x = (second: number) => margin + (second * (width - 2 * margin)) / Math.max(1, seconds.length - 1);
  const y = (value: number) => height - margin - (value * (height - 2 * margin)) / most;
  const lines = curves.map(({ colour, of }) => {
    const points = seconds.map((second, at) => `${x(at).toFixed(1)},${y(of(second)).toFixed(1)}`).join(' ');
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points}"/>`;
  });
  const names = curves.map(
    ({ name, colour }, at) => `<text x="${margin + at * 165}" y="${height - 8}" fill="${colour}">${name}</text>`,
  );
  const marks = [0, most / 2, most].map(
    value => `<text x="${margin - 6}" y="${y(value) + 4}" text-anchor="end">${Math.round(value)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${margin}" y="20" font-size="15">${scenario.title}: per second, over ${seconds.length} s</text>`,
    `<line x1="${margin}" y1="${y(0)}" x2="${width - margin}" y2="${y(0)}" stroke="#333333"/>`,
    ...marks,
    ...lines,
    ...names,
    '</svg>',
    '',
  ].join('\n');
}
