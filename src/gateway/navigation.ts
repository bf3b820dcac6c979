// Tells a person who opens a page from everything else that asks for the same address: only the former gets a number
// and the waiting page. What the others get is left to the caller.

/** Looks a header up by its lower-case name; '' if absent, as the server does it. */
export type HeaderLookup = (name: string) => string;

/**
 * WR19 A GET that a browser makes to show its answer as a page. Where there is no Sec-Fetch metadata (plain HTTP, old
 * Safari), asking for HTML decides. Prefetches would take numbers for pages nobody opened.
 */
export function isNavigation(method: string, header: HeaderLookup): boolean {
  if (method !== 'GET') return false;
  const mode = header('sec-fetch-mode');
  if (mode !== '' ? !isPageLoad(mode, header('sec-fetch-dest')) : !looksLikePageLoad(header)) return false;
  return !isPrefetch(header);
}

/** Frames can't show the waiting page (frame-ancestors), and in a foreign site's frame each load would join anew. */
const framed: ReadonlySet<string> = new Set(['iframe', 'frame', 'fencedframe', 'embed', 'object']);

const isPageLoad = (mode: string, destination: string): boolean => mode === 'navigate' && !framed.has(destination);

function looksLikePageLoad(header: HeaderLookup): boolean {
  if (!acceptsHtml(header('accept'))) return false;
  if (header('sec-fetch-dest') !== '' || header('sec-fetch-site') !== '') return false;
  // Android WebViews send their package name here with every page, so only the one value of scripts counts.
  return header('x-requested-with').toLowerCase() !== 'xmlhttprequest' && header('upgrade') === '';
}

const acceptsHtml = (accept: string): boolean => /text\/html(?![^,]*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accept);

const purposeHeaders = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const;

/** Loads for a page that nobody has opened yet. */
export function isPrefetch(header: HeaderLookup): boolean {
  return purposeHeaders.some(name => /\b(?:prefetch|preview)\b/.test(header(name)));
}
