// One chart of the last hour: a few series over time, with its latest values in words for those who do not see it.
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { HistoryRow } from './api.ts';
import { showNumber } from './words.ts';

export type Series = {
  readonly label: string;
  readonly color: string;
  readonly value: (row: HistoryRow) => number | null;
};

const heightPx = 180;

export function Chart(of: {
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly HistoryRow[];
  readonly series: readonly Series[];
}) {
  const { title, unit, rows, series } = of;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const names = series.map(({ label }) => label).join();
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const ink = getComputedStyle(element).color;
    const axis = { stroke: ink, grid: { stroke: `${ink}`, width: 0.15 }, ticks: { show: false } };
    const made = new UPlot(
      {
        width: element.clientWidth || 320,
        height: heightPx,
        legend: { show: false },
        cursor: { y: false },
        scales: { y: { range: (_, least, most) => [Math.min(0, least), Math.max(1, most * 1.1)] } },
        axes: [axis, { ...axis, size: 56 }],
        series: [{}, ...series.map(({ label, color }) => ({ label, stroke: color, width: 2, spanGaps: true }))],
      },
      dataOf(rows, series),
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [names]);
  useEffect(() => plot.current?.setData(dataOf(rows, series)), [rows, series]);
  const last = rows.at(-1);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="unit"> {unit}</span>
      </figcaption>
      <div ref={place} aria-hidden="true" />
      <ul class="legend">
        {series.map(({ label, color, value }) => (
          <li key={label}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" rx="3" fill={color} />
            </svg>
            {label} <b>{last === undefined ? '–' : showNumber(value(last))}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function dataOf(rows: readonly HistoryRow[], series: readonly Series[]): UPlot.AlignedData {
  return [rows.map(({ atMs }) => atMs / 1_000), ...series.map(({ value }) => rows.map(value))];
}
