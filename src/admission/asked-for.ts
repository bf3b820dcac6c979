// What a request asks the shop for: a page, data, or a file that belongs to a page. Files are mostly served past what makes
// pages, so they say little about it. What follows from that is left to others.

/** page: to be shown. data: answers of an API, forms. file: pictures, styles, scripts, fonts, media. */
export type AskedFor = 'page' | 'data' | 'file';

/** Values of Sec-Fetch-Dest. */
const fileDestinations: ReadonlySet<string> = new Set(
  'audio audioworklet font image manifest paintworklet script serviceworker sharedworker style track video worker'.split(
    ' ',
  ),
);
const fileEnding =
  /\.(?:avif|bmp|css|gif|ico|jpe?g|m?js|map|mp[34]|og[gv]|otf|png|svg|ttf|wasm|web[mp]|webmanifest|woff2?)$/i;

/** `destination`: Sec-Fetch-Dest; '' where the browser sends none (plain HTTP): the end of the path decides. */
export function askedFor(of: {
  readonly isNavigation: boolean;
  readonly method: string;
  readonly path: string;
  readonly destination: string;
}): AskedFor {
  if (of.isNavigation) return 'page';
  if (of.method !== 'GET' && of.method !== 'HEAD') return 'data';
  const isFile = of.destination === '' ? fileEnding.test(of.path) : fileDestinations.has(of.destination);
  return isFile ? 'file' : 'data';
}
