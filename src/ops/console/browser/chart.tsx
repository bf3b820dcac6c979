// One chart of the last hour: a few series over time, shaded while the room was paused or the shop was failing; with the
// values under the pointer, and as a table for those who do not see it.
import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import type { HistoryRow } from './api.ts';
import { showNumber, showTime } from './words.ts';

export type Series = {
  readonly label: string;
  readonly color: string;
  readonly value: (row: HistoryRow) => number | null;
};

type ChartNeeds = {
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly HistoryRow[];
  readonly series: readonly Series[];
};

const heightPx = 170;
/** Where the labels are less than a minute apart they have seconds. */
const clocks = (splits: readonly number[]): string[] => {
  const [first = 0, second = first + 60] = splits;
  return splits.map(seconds => showTime(seconds * 1_000).slice(0, second - first < 60 ? 8 : 5));
};

export function Chart({ title, unit, rows, series }: ChartNeeds) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(rows);
  const [pointed, setPointed] = useState<number | null>(null);
  const isDark = useDarkness();
  latest.current = rows;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new UPlot(
      optionsOf(element, series, () => latest.current, setPointed),
      dataOf(latest.current, series),
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: heightPx });
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [series, isDark]);
  useEffect(() => plot.current?.setData(dataOf(rows, series)), [rows, series]);
  const row = (pointed === null ? undefined : rows[pointed]) ?? rows.at(-1);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="unit"> {unit}</span>
        <span class="unit at">{row === undefined ? '' : showTime(row.atMs)}</span>
      </figcaption>
      <div ref={place} aria-hidden="true" />
      <ul class="legend">
        {series.map(({ label, color, value }) => (
          <li key={label}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" rx="3" fill={color} />
            </svg>
            {label} <b>{row === undefined ? '–' : showNumber(value(row))}</b>
          </li>
        ))}
      </ul>
      <AsTable rows={rows} series={series} title={title} />
    </figure>
  );
}

const tableRows = 12;

function AsTable({ rows, series, title }: Omit<ChartNeeds, 'unit'>) {
  const step = Math.max(1, Math.ceil(rows.length / tableRows));
  const shown = rows.filter((_, index) => (rows.length - 1 - index) % step === 0);
  return (
    <table class="heard">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {series.map(({ label }) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map(row => (
          <tr key={row.atMs}>
            <th scope="row">{showTime(row.atMs)}</th>
            {series.map(({ label, value }) => (
              <td key={label}>{showNumber(value(row))}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function optionsOf(
  element: HTMLElement,
  series: readonly Series[],
  rows: () => readonly HistoryRow[],
  onPoint: (index: number | null) => void,
): UPlot.Options {
  const { color } = getComputedStyle(element);
  const axis: UPlot.Axis = {
    ...{ stroke: color, font: '11px system-ui', ticks: { show: false } },
    grid: { stroke: color, width: 0.12 },
  };
  return {
    ...{ width: element.clientWidth || 320, height: heightPx, legend: { show: false } },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), Math.max(4, (most ?? 0) * 1.1)] } },
    axes: [
      { ...axis, space: 70, size: 28, values: (_, splits) => clocks(splits) },
      { ...axis, size: 50, values: (_, splits) => splits.map(showNumber) },
    ],
    series: [
      {},
      ...series.map(({ label, color: stroke }) => ({
        label,
        stroke,
        width: 2,
        spanGaps: false,
        points: { show: false },
      })),
    ],
    hooks: {
      drawClear: [plot => shade(plot, rows())],
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)],
    },
  };
}

/** Red where the shop was failing, amber where the room was paused. */
function shade(plot: UPlot, rows: readonly HistoryRow[]): void {
  const { ctx, bbox } = plot;
  const stepSeconds = 10;
  for (const { atMs, room } of rows) {
    if (!room.shopFailing && !room.paused) continue;
    const from = Math.max(bbox.left, plot.valToPos(atMs / 1_000, 'x', true));
    const to = Math.min(bbox.left + bbox.width, plot.valToPos(atMs / 1_000 + stepSeconds, 'x', true));
    ctx.fillStyle = room.shopFailing ? 'rgb(220 50 50 / 22%)' : 'rgb(230 160 30 / 22%)';
    ctx.fillRect(from, bbox.top, Math.max(0, to - from), bbox.height);
  }
}

function dataOf(rows: readonly HistoryRow[], series: readonly Series[]): UPlot.AlignedData {
  return [rows.map(({ atMs }) => atMs / 1_000), ...series.map(({ value }) => rows.map(value))];
}

function useDarkness(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return isDark;
}
