// A chart as a drawing inside a page: lines over time, readable without script and on paper.

export type Line = { readonly label: string; readonly color: string; readonly values: readonly (number | null)[] };

const [width, height, left, bottom, top] = [900, 220, 62, 22, 10];

export function svgChart(title: string, unit: string, atMs: readonly number[], lines: readonly Line[]): string {
  const [fromMs = 0, toMs = 1] = [atMs[0], atMs.at(-1)];
  const highest = Math.max(1, ...lines.flatMap(({ values }) => values.filter(value => value !== null)));
  const x = (at: number): number => left + ((at - fromMs) / Math.max(1, toMs - fromMs)) * (width - left - 8);
  const y = (value: number): number => height - bottom - (value / highest) * (height - bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(share => {
    const at = y(highest * share).toFixed(1);
    return `<path d="M${left} ${at}H${width - 8}" class="grid"/><text x="${left - 6}" y="${Number(at) + 4}" text-anchor="end">${shortNumber(highest * share)}</text>`;
  });
  const times = [0, 0.25, 0.5, 0.75, 1].map(share => {
    const at = fromMs + (toMs - fromMs) * share;
    return `<text x="${x(at).toFixed(1)}" y="${height - 5}" text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}">${new Date(at).toISOString().slice(11, 16)}</text>`;
  });
  const drawn = lines.map(
    ({ color, values }) => `<path d="${pathOf(values, atMs, x, y)}" fill="none" stroke="${color}" stroke-width="1.6"/>`,
  );
  const legend = lines.map(({ label, color }) => `<span><i style="background:${color}"></i>${label}</span>`).join(' ');
  return `<figure><figcaption>${title} <small>${unit}, times in UTC</small></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}, ${unit}">${[...grid, ...times, ...drawn].join('')}</svg>
<p class="legend">${legend}</p></figure>`;
}

/** A value that is not known leaves a gap. */
function pathOf(
  values: Line['values'],
  atMs: readonly number[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let isDown = false;
  for (const [index, value] of values.entries()) {
    if (value !== null) path += `${isDown ? 'L' : 'M'}${x(atMs[index] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = value !== null;
  }
  return path;
}

function shortNumber(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)}M`;
  if (value >= 10_000) return `${Math.round(value / 1_000)}k`;
  return value >= 10 || value === 0 ? String(Math.round(value)) : value.toFixed(1);
}
