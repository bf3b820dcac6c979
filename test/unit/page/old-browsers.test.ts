// What the built page asks of a browser: nothing that those of five years ago (Chrome 96, Firefox 94, Safari 15) lack.
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { shortenedNames } from '../../../src/page/short-names.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';
import { aStatus, nowMs } from './a-status.ts';

const page = await buildWaitingPage({ prefix: '/_junban', room: { id: 'sale', claim: 'confirm', name: 'Festival' } });
const html = Buffer.from(
  page.render({ language: 'en', encoding: 'identity', status: aStatus(), returnTo: '/', nowMs, ticket: 'x' }),
).toString();
const script = /<script>(.*?)<\/script>/s.exec(html)?.[1] ?? '';
const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
const browsers = ['chrome96', 'firefox94', 'safari15'];

/** Nothing has to be put in other words for these targets: the parser knows what each of them lacks. */
const needsNothing = (code: string, loader: 'js' | 'css', target: readonly string[]): boolean => {
  const written = (targets: readonly string[]) =>
    transformSync(code, { loader, target: [...targets], minify: true }).code;
  return written(target) === written(['esnext']);
};

test('[PG125] the script is written in the language of 2020', () => {
  expect(script.length).toBeGreaterThan(20_000);
  expect(needsNothing(script, 'js', ['es2020'])).toBe(true);
  for (const newer of ['a??=b', 'class A{static{b()}}', 'a.b||=c']) {
    expect(needsNothing(newer, 'js', ['es2020']), newer).toBe(false);
  }
});

/** In browsers since after 2021, and easily used without a thought. */
const youngNames =
  /\.(?:findLast|findLastIndex|toSorted|toReversed|toSpliced|with|group|groupBy|isWellFormed|showPopover|showModal|throwIfAborted|setHTML|checkVisibility)\(|structuredClone|hasOwn\b|withResolvers|fromAsync|AbortSignal\.|canParse|randomUUID|cookieStore|navigation\.|scheduler\.|startViewTransition|Temporal|DurationFormat|Segmenter/;

test('[PG125] the script calls nothing that came later', () => {
  expect(youngNames.exec(script)).toBeNull();
  expect(youngNames.test('x.toSorted()')).toBe(true);
});

/** Of these a browser that lacks them drops one line, and nothing is lost but beauty. */
const onlyBeauty = ['text-wrap', 'word-break:auto-phrase'];
const youngStyle =
  /:has\(|@container|@layer|@scope|@property|color-mix|oklch|oklab|light-dark|subgrid|@starting-style|:is\(&|(?<=[{;])&|content-visibility|\d(?:dvh|lvh|cqw)|inset-area|anchor\(/;

test('[PG125] the style needs nothing that came later', () => {
  expect(needsNothing(style, 'css', browsers)).toBe(true);
  expect(needsNothing('a{&:hover{color:red}}', 'css', browsers)).toBe(false);
  expect(youngStyle.exec(style)).toBeNull();
  // The small viewport unit stands where it is known only.
  expect(style.replace(/@supports ?\(min-height: ?100svh\)\{.*?\}\}/, '')).not.toContain('svh');
  for (const property of onlyBeauty) expect(style).toContain(property);
});

/** Every key in what the gateway sends a page or answers it. */
const foreignNames = (
  'v room phase paused state number place ahead total etaSeconds pacePerMinute startsAt claimBy message messages ' +
  'stock name remaining asOf checking next shopFailing status visit settings wording returnTo ticket preview commitment ' +
  'notice kind retryAfterSeconds opensAt atMs bar leaving id claim extension draws drawWaits named until prefix ' +
  'language languages code type title detail pass expiresAt draw drawn proof seed secret randomness announced round ' +
  'signature value chain named commitment facts commitmentSeen mark text'
).split(' ');

test('[PG17] no name that comes from elsewhere is shortened, and those that are appear in the page no more', () => {
  const own = new Set(['announced', 'leaving']);
  expect(shortenedNames.filter(name => foreignNames.includes(name) && !own.has(name))).toEqual([]);
  expect(new Set(shortenedNames).size).toBe(shortenedNames.length);
  const left = shortenedNames.filter(name => new RegExp(`[{,]"?${name}"?:|\\.${name}\\b`).test(html));
  expect(left).toEqual([]);
});
