// The script for the shop's own pages: one language in each edition, complete, and small.
import { expect, test } from 'vitest';
import { buildPassTimeScript } from '../../../src/page/browser-scripts.ts';
import { loadLanguages } from '../../../src/page/languages.ts';

const languages = await loadLanguages();
const scriptIn = buildPassTimeScript(languages);
const gzippedBytesMax = 2_048;

test.each(languages.map(wording => [wording.tag, wording] as const))(
  '[PS141] in %s it has all its words, the direction, and no other language',
  (tag, { direction, passTime }) => {
    const { name, left, last, standing, more, longer, over } = passTime;
    for (const text of [left, last, longer]) expect(text).toContain('{time}');
    for (const text of [name, standing, more, over]) expect(text).toMatch(/^[^{}]+$/);
    const { body, gzipped } = scriptIn(tag);
    expect(body).toContain(JSON.stringify({ language: tag, direction, words: passTime }));
    for (const other of languages) if (other.tag !== tag) expect(body).not.toContain(other.passTime.over);
    expect(gzipped.length).toBeLessThanOrEqual(gzippedBytesMax);
  },
);

test('[PS141] a language that there is not is the first one; each is made once and has a tag of its own', () => {
  expect(scriptIn('tlh')).toBe(scriptIn('en'));
  expect(scriptIn('he')).toBe(scriptIn('he'));
  expect(new Set(languages.map(({ tag }) => scriptIn(tag).etag)).size).toBe(languages.length);
});
