// Every language file against the others: same strings, same placeholders, plural forms that the language needs.
import { expect, test } from 'vitest';
import { loadLanguages } from '../../../src/page/languages.ts';

const languages = await loadLanguages();

const isPlural = (value: object): boolean => Object.hasOwn(value, 'other');

/** Path of each string, with its placeholders; the forms of a plural count as one. */
const strings = (value: unknown, path = ''): readonly string[] => {
  if (typeof value === 'string') return [`${path} ${[...value.matchAll(/\{\w+\}/g)].map(String).sort().join('')}`];
  if (typeof value !== 'object' || value === null) return [];
  if (isPlural(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => strings(inner, `${path}.${key}`));
};

const empties = (value: unknown, path = ''): readonly string[] => {
  if (typeof value === 'string') return value.trim() === '' ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => empties(inner, `${path}.${key}`));
};

const pluralsOf = (value: unknown): readonly object[] => {
  if (typeof value !== 'object' || value === null) return [];
  return isPlural(value) ? [value] : Object.values(value).flatMap(pluralsOf);
};

const promised = 'ar cs da de el en es fi fr he hi hu id it ja ko nb nl pl pt ru sv th tr uk vi zh-Hans zh-Hant'.split(
  ' ',
);

test('[PG3] every promised language is there, English is the fallback', () => {
  expect(languages.map(({ tag }) => tag).sort()).toEqual(promised);
  expect(languages[0].tag).toBe('en');
});

test.each(languages.map(wording => [wording.tag, wording] as const))(
  '[PG3] %s has every string, with the placeholders of the fallback',
  (_, wording) => {
    expect(strings(wording)).toEqual(strings(languages[0]));
    expect(empties(wording).filter(path => path !== '.figure.aheadBefore')).toEqual([]);
  },
);

test.each(languages.map(wording => [wording.tag, wording] as const))(
  '[PG3] %s has the plural forms that whole numbers need in it',
  (tag, wording) => {
    const rules = new Intl.PluralRules(tag);
    const needed = new Set(Array.from({ length: 201 }, (_, value) => rules.select(value)));
    const { minutesRange, minutesUpTo, hoursRange, hours } = wording.durations;
    // Their forms follow the high end, which is 2 at least.
    const ranges: readonly object[] = [minutesRange, minutesUpTo, hoursRange];
    const neededInRanges = new Set(Array.from({ length: 199 }, (_, value) => rules.select(value + 2)));
    for (const forms of pluralsOf(wording)) {
      const wanted = ranges.includes(forms) ? neededInRanges : needed;
      expect(Object.keys(forms)).toEqual(expect.arrayContaining([...wanted]));
    }
    for (const text of Object.values({ ...minutesRange, ...hoursRange })) expect(text).toMatch(/\{low\}.*\{high\}/);
    // An estimate may be of half hours.
    expect(Object.keys(hours)).toEqual(expect.arrayContaining([rules.select(0.5), rules.select(1.5)]));
  },
);

test.each(languages.map(wording => [wording.tag, wording] as const))(
  '[PG3] %s says it in words of its own',
  (tag, wording) => {
    const said = (each: typeof wording): readonly string[] =>
      Object.values(each.screens).flatMap(({ headline, lead }) => [headline, lead]);
    const others = languages.filter(other => other.tag !== tag).flatMap(said);
    // Related languages may share a headline by chance, never a whole sentence of explanation.
    expect(said(wording).filter(text => text.length > 40 && others.includes(text))).toEqual([]);
    const isRightToLeft = new Set(['ar', 'he']).has(tag);
    expect(wording.direction).toBe(isRightToLeft ? 'rtl' : 'ltr');
  },
);

const screenWords = (tag: string) => languages.find(each => each.tag === tag)?.screens;

/** The stems of "draw" and of "call" in each language. */
const stems: readonly (readonly [tag: string, draw: string, call: string])[] = [
  ['ar', 'القرعة', 'نداء'],
  ['cs', 'losován', 'zavolá'],
  ['da', 'lodtrækning', 'kald'],
  ['de', 'Auslosung', 'aufgerufen'],
  ['el', 'κλήρωση', 'κληθ'],
  ['en', 'draw', 'called'],
  ['es', 'sorteo', 'llam'],
  ['fi', 'arvonna', 'kutsutaan'],
  ['fr', 'tirage', 'appelé'],
  ['he', 'הגרלה', 'נקרא'],
  ['hi', 'ड्रॉ', 'पुकार'],
  ['hu', 'sorsolás', 'szólít'],
  ['id', 'undian', 'dipanggil'],
  ['it', 'sorteggio', 'chiamato'],
  ['ja', '抽選', 'お呼び'],
  ['ko', '추첨', '불러'],
  ['nb', 'trekning', 'ropt opp'],
  ['nl', 'loting', 'geroepen'],
  ['pl', 'losowani', 'wywołamy'],
  ['pt', 'sorteio', 'chamada'],
  ['ru', 'жеребьёвк', 'вызовут'],
  ['sv', 'lottning', 'ropas'],
  ['th', 'จับสลาก', 'เรียก'],
  ['tr', 'Kura', 'çağrı'],
  ['uk', 'жеребкуванн', 'викличуть'],
  ['vi', 'bốc thăm', 'gọi'],
  ['zh-Hans', '抽签', '叫到'],
  ['zh-Hant', '抽籤', '叫到'],
];

test('[PG110] the stems are those of all languages', () => {
  expect(stems.map(([tag]) => tag)).toEqual(promised);
});

test.each(stems)(
  '[PG110] in %s the lobby says that the fan is in the draw, and who comes back late is promised a call',
  (tag, draw, call) => {
    const words = languages.find(each => each.tag === tag);
    expect(words?.screens.lobby.headline).toContain(draw);
    const late = words?.notes.closeUntil.trim().split(/(?<=[.。।] ?)/) ?? [];
    expect(tag === 'th' ? words?.notes.closeUntil.split(' ').at(-1) : late.at(-1)).toContain(call);
  },
);

test.each([
  ['en', 'before the time runs out'],
  ['de', 'bevor die Zeit abläuft'],
  ['fr', 'avant la fin du temps'],
  ['es', 'antes de que se acabe el tiempo'],
  ['ru', 'пока не истекло время'],
])('[PG110] in %s who is called hears of the time that runs out', (tag, words) => {
  expect(screenWords(tag)?.called.lead).toContain(words);
});
