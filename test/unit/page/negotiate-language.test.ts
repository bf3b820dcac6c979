// Language negotiation over headers that browsers and others send.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { negotiateLanguage } from '../../../src/page/negotiate-language.ts';

const available = ['en', 'ja', 'pt', 'nb', 'he', 'zh-Hans', 'zh-Hant'] as const;

test.each([
  ['', 'en'],
  ['*', 'en'],
  ['ja', 'ja'],
  ['ja-JP,ja;q=0.9,en-US;q=0.8', 'ja'],
  ['en-US,en;q=0.9,ja;q=0.8', 'en'],
  ['fr-FR, ja;q=0.4', 'ja'],
  ['en;q=0.2, ja;q=0.7', 'ja'],
  ['ja;q=0, en', 'en'],
  ['ja;q=0', 'en'],
  ['ja;q=7', 'en'],
  ['pt-BR', 'pt'],
  ['zh-TW', 'zh-Hant'],
  ['zh-HK,zh;q=0.9', 'zh-Hant'],
  ['zh-CN', 'zh-Hans'],
  ['zh', 'zh-Hans'],
  ['zh-Hant-TW', 'zh-Hant'],
  ['JA-jp', 'ja'],
  ['no', 'nb'],
  ['nn-NO', 'nb'],
  ['iw', 'he'],
  [`${'x'.repeat(600)},ja`, 'en'],
  [`${'fr,'.repeat(40)}ja`, 'en'],
])('[PG2] Accept-Language %j gives %s', (header, language) => {
  expect(negotiateLanguage(available, header)).toBe(language);
});

test('[PG2] the language chosen on the page outranks the header, an unknown one does not', () => {
  expect(negotiateLanguage(available, 'en', 'ja')).toBe('ja');
  expect(negotiateLanguage(available, 'ja', 'tlh')).toBe('ja');
  expect(negotiateLanguage(available, 'ja', '__proto__')).toBe('ja');
});

test('[PG2] whatever the header holds, the answer is an available language', () => {
  fc.assert(fc.property(fc.string(), header => available.some(name => name === negotiateLanguage(available, header))));
});
