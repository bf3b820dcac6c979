// Numbers, times and texts as the report shows them. Others' texts leave here as text, never as markup.

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const showNumber = (value: number): string => number.format(value);

export const showShare = (part: number, all: number): string =>
  all <= 0 ? '–' : `${((100 * part) / all).toFixed(1)} %`;

export function showSpan(ms: number): string {
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** All times of a report are UTC, and it says so once. */
export const showDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
export const showClock = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
