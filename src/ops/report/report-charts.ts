// The charts of the report: which lines each has, from rows made few enough to be drawn. Pure.
import { samplePeriodMs } from '../history-log.ts';
import type { HistoryRow } from '../merge-samples.ts';
import { gapMs, type Incident } from './find-incidents.ts';
import { type Chart, type ChartTime, type Line, svgChart } from './svg-chart.ts';
import { groupRows, meanOf, mostOf, shareOf } from './thin-rows.ts';

type Groups = readonly (readonly HistoryRow[])[];
type Values = (group: readonly HistoryRow[]) => number | null;

export type ChartNeeds = {
  readonly rows: readonly HistoryRow[];
  readonly incidents: readonly Incident[];
  readonly marks: ChartTime['marks'];
};

/** Four of five waits should fall inside the range that was told. */
const coverageGoalPercent = 80;

export function reportCharts({ rows, incidents, marks }: ChartNeeds): string {
  const groups = groupRows(rows);
  const size = groups[0]?.length ?? 1;
  const time: ChartTime = {
    atMs: groups.map(([first]) => first?.atMs ?? 0),
    gapMs: Math.max(gapMs, 2.5 * size * samplePeriodMs),
    bands: incidents,
    marks,
  };
  return [...lineCharts(groups), ...shopCharts(groups)].map(chart => svgChart(chart, time)).join('\n');
}

const lineOf = (groups: Groups, label: string, tone: string, values: Values, more: Partial<Line> = {}): Line => ({
  ...{ label, tone, values: groups.map(values) },
  ...more,
});

function lineCharts(groups: Groups): readonly Chart[] {
  const line = (...given: [string, string, Values, Partial<Line>?]) => lineOf(groups, ...given);
  return [
    {
      title: 'Arrivals',
      unit: 'devices a minute',
      note: 'How many joined.',
      lines: [
        line(
          'joined',
          'one',
          meanOf(row => row.joinsPerMinute),
          { isFilled: true },
        ),
      ],
    },
    {
      title: 'The line',
      unit: 'devices',
      note: 'How many stood in line, were called, and were inside the shop.',
      lines: [
        line(
          'in line',
          'one',
          meanOf(row => row.room.waiting),
          { isFilled: true },
        ),
        line(
          'inside',
          'three',
          meanOf(row => row.room.active),
        ),
        line(
          'called, not yet in',
          'two',
          meanOf(row => row.room.called),
        ),
        line('active cap', 'four', capShown(groups), { isLimit: true }),
      ],
    },
    {
      title: 'Admissions against the pace',
      unit: 'devices a minute',
      note: 'How many were let in, and how many the pace allowed.',
      lines: [
        line(
          'let in',
          'one',
          meanOf(row => row.admissionsPerMinute),
          { isFilled: true },
        ),
        line(
          'pace',
          'four',
          meanOf(row => row.room.pacePerMinute),
          { isLimit: true },
        ),
        line(
          'no-shows',
          'two',
          meanOf(row => row.noShowsPerMinute),
        ),
      ],
    },
    {
      title: 'Waits',
      unit: 'minutes from the join, or from the start after a draw, to the call',
      note: 'How long devices had waited when they were called.',
      lines: [
        line(
          'half waited less',
          'one',
          mostOf(row => minutes(row.quality?.p50WaitMs)),
          { isFilled: true },
        ),
        line(
          '90 % waited less',
          'two',
          mostOf(row => minutes(row.quality?.p90WaitMs)),
        ),
      ],
    },
    {
      title: 'Estimate quality',
      unit: '% of waits inside the range told at the join',
      note: 'Four of five should be.',
      highest: 100,
      lines: [
        line(
          'as told',
          'one',
          shareOf(
            row => row.quality?.asTold ?? 0,
            row => row.quality?.told ?? 0,
          ),
          { isFilled: true },
        ),
        line('goal', 'four', () => coverageGoalPercent, { isLimit: true }),
      ],
    },
  ];
}

/** A cap far above everybody inside would flatten the chart, and limited nothing. */
function capShown(groups: Groups): Values {
  const rows = groups.flat();
  const most = rows.reduce((top, { room }) => Math.max(top, room.waiting, room.active), 0);
  return meanOf(({ room }) => (room.activeCap > 2 * most ? null : room.activeCap));
}

function shopCharts(groups: Groups): readonly Chart[] {
  const line = (...given: [string, string, Values, Partial<Line>?]) => lineOf(groups, ...given);
  return [
    {
      title: 'Answers of the shop',
      unit: 'ms to the first byte',
      note: 'How long the shop took.',
      lines: [
        line(
          'half within',
          'one',
          mostOf(row => row.shop.p50Ms),
          { isFilled: true },
        ),
        line(
          '90 % within',
          'two',
          mostOf(row => row.shop.p90Ms),
        ),
      ],
    },
    {
      title: 'Requests to the shop',
      unit: 'a second',
      note: 'How many it answered.',
      lines: [
        line(
          'answers',
          'one',
          meanOf(row => row.shop.answers / (samplePeriodMs / 1_000)),
          { isFilled: true },
        ),
      ],
    },
    {
      title: 'Trouble in the shop',
      unit: '% of answers',
      note: 'Errors, time-outs, and answers with an error signature.',
      lines: [
        line(
          'errors',
          'two',
          shareOf(
            row => row.shop.errors,
            row => row.shop.answers,
          ),
          { isFilled: true },
        ),
        line(
          'error signatures',
          'three',
          shareOf(
            row => row.shop.signatures,
            row => row.shop.answers,
          ),
        ),
      ],
    },
  ];
}

const minutes = (ms: number | null | undefined): number | null => (ms == null ? null : ms / 60_000);
