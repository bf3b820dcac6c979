// A chart as a drawing inside a page: lines over time, with what happened behind them; readable without script, on paper,
// and in both themes. Colours are classes of the page's style.
import { escapeHtml, showClock, showDay } from './show.ts';

export type Line = {
  readonly label: string;
  /** Class of the page's style. */
  readonly tone: string;
  readonly values: readonly (number | null)[];
  /** The area below it is filled. */
  readonly isFilled?: boolean;
  /** Dashed: a limit, not something that was measured. */
  readonly isLimit?: boolean;
};

export type Chart = {
  readonly title: string;
  readonly unit: string;
  /** What it shows, for who reads no chart. */
  readonly note: string;
  readonly lines: readonly Line[];
  /** Of the axis, where it is known. */
  readonly highest?: number;
};

export type ChartTime = {
  readonly atMs: readonly number[];
  /** Points further apart are not joined. */
  readonly gapMs: number;
  /** Spans behind the lines; the kind is a class of the page's style. */
  readonly bands: readonly { readonly kind: string; readonly fromMs: number; readonly toMs: number }[];
  /** Instants that something was said at. */
  readonly marks: readonly { readonly atMs: number; readonly label: string }[];
};

const [width, height, left, right, bottom, top] = [900, 230, 66, 10, 24, 12];
const stepsMs = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080].map(minutes => minutes * 60_000);
const timesMax = 8;

export function svgChart({ title, unit, note, lines, highest }: Chart, time: ChartTime): string {
  const { atMs, bands, marks } = time;
  const [fromMs = 0, toMs = 1] = [atMs[0], atMs.at(-1)];
  const drawn = lines.filter(({ values }) => values.some(value => value !== null));
  const most = Math.max(0, ...drawn.flatMap(({ values }) => values.filter(value => value !== null)));
  const step = roundStep((highest ?? most) || 1);
  const ceiling = highest ?? Math.max(step, Math.ceil((most * 1.02) / step) * step);
  const x = (at: number): number =>
    left + ((Math.min(Math.max(at, fromMs), toMs) - fromMs) / Math.max(1, toMs - fromMs)) * (width - left - right);
  const y = (value: number): number => height - bottom - (value / ceiling) * (height - bottom - top);
  const parts = [
    ...bands.map(({ kind, fromMs: begin, toMs: end }) => {
      const wide = Math.max(1.5, x(end) - x(begin));
      return `<rect class="band ${kind}" x="${x(begin).toFixed(1)}" y="${top}" width="${wide.toFixed(1)}" height="${height - bottom - top}"/>`;
    }),
    ...ticks(ceiling, step).map(
      value =>
        `<path d="M${left} ${y(value).toFixed(1)}H${width - right}" class="grid"/><text x="${left - 7}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${shortNumber(value)}</text>`,
    ),
    ...timesBetween(fromMs, toMs).map(
      at =>
        `<path d="M${x(at).toFixed(1)} ${height - bottom}v4" class="grid"/><text x="${x(at).toFixed(1)}" y="${height - 6}" text-anchor="middle">${timeLabel(at, toMs - fromMs)}</text>`,
    ),
    ...drawn.map(line => pathsOf(line, time, x, y)),
    ...marks.map(
      ({ atMs: at, label }) =>
        `<path class="mark" d="M${(x(at) - 5).toFixed(1)} ${top - 9}h10l-5 8z"><title>${escapeHtml(label)}</title></path>`,
    ),
  ];
  const legend = lines.map(
    ({ label, tone, isLimit }) => `<li><i class="${tone}${isLimit === true ? ' limit' : ''}"></i>${label}</li>`,
  );
  const isEmpty = drawn.every(({ isLimit }) => isLimit === true);
  const empty = isEmpty ? '<p class="empty">Nothing was measured.</p>' : '';
  return `<figure><figcaption>${title} <small>${unit}</small></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${title}, ${unit}. ${note}`)}">${parts.join('')}</svg>${empty}
<ul class="legend">${legend.join('')}</ul></figure>`;
}

/** A value that is not known leaves a gap, and so does time that nothing is known of. */
function pathsOf(
  { tone, values, isFilled, isLimit }: Line,
  { atMs, gapMs }: ChartTime,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const runs: { readonly at: number; readonly value: number }[][] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const [index, value] of values.entries()) {
    const at = atMs[index] ?? 0;
    if (value === null) continue;
    const isNext = index > 0 && values[index - 1] !== null && at - lastMs <= gapMs;
    if (isNext) runs.at(-1)?.push({ at, value });
    else runs.push([{ at, value }]);
    lastMs = at;
  }
  // A limit holds until it is changed: it goes in steps.
  const to = (at: string, value: string) => (isLimit === true ? `H${at}V${value}` : `L${at} ${value}`);
  const lineOf = (run: (typeof runs)[number]) =>
    run
      .map(({ at, value }, index) => {
        const point = [x(at).toFixed(1), y(value).toFixed(1)] as const;
        return index === 0 ? `M${point[0]} ${point[1]}` : to(...point);
      })
      .join('');
  const area = runs.map(run => {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return '';
    return `${lineOf(run)}L${x(last.at).toFixed(1)} ${y(0).toFixed(1)}L${x(first.at).toFixed(1)} ${y(0).toFixed(1)}Z`;
  });
  // A single point has no length; a round cap makes it visible.
  const line = runs.map(run => (run.length === 1 ? `${lineOf(run)}h0` : lineOf(run))).join('');
  const fill = isFilled === true ? `<path class="area ${tone}" d="${area.join('')}"/>` : '';
  return `${fill}<path class="line ${tone}${isLimit === true ? ' limit' : ''}" d="${line}"/>`;
}

/** 1, 2 or 5 with zeros: about four of them reach the top. */
function roundStep(most: number): number {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
}

function ticks(ceiling: number, step: number): readonly number[] {
  const count = Math.floor(ceiling / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Round times of the clock. */
function timesBetween(fromMs: number, toMs: number): readonly number[] {
  const step = stepsMs.find(each => (toMs - fromMs) / each <= timesMax) ?? Math.ceil((toMs - fromMs) / timesMax);
  const times: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) times.push(at);
  return times;
}

const timeLabel = (at: number, spanMs: number): string =>
  spanMs > 36 * 3_600_000 ? `${showDay(at).slice(5)} ${showClock(at).slice(0, 5)}` : showClock(at).slice(0, 5);

function shortNumber(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toFixed(1))}M`;
  if (value >= 10_000) return `${Number((value / 1_000).toFixed(1))}k`;
  return String(Number(value.toFixed(2)));
}
