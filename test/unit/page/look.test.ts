// The operator's look laid over the page: readable in any colour, in every language, and nothing gets out of its place.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Look, localText, plainLook, styleOf } from '../../../src/page/look.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';
import { aStatus, nowMs } from './a-status.ts';

const pageWith = async (look: Partial<Look>, language: string): Promise<{ html: string; policy: string }> => {
  const page = await buildWaitingPage({
    prefix: '/_junban',
    room: { id: 'sale', claim: 'confirm' },
    look: { ...plainLook, ...look },
  });
  const rendering = { language, encoding: 'identity' } as const;
  const html = Buffer.from(page.render({ ...rendering, status: aStatus(), returnTo: '/', nowMs })).toString();
  return { html, policy: new Map(page.headers(rendering)).get('content-security-policy') ?? '' };
};

const luminanceOf = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = (hex.slice(1).match(/../g) ?? []).map(pair => {
    const share = Number.parseInt(pair, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrastOf = (one: string, other: string): number => {
  const [low = 0, high = 0] = [luminanceOf(one), luminanceOf(other)].sort((left, right) => left - right);
  return (high + 0.05) / (low + 0.05);
};

test('[PG124] whatever the colour, what stands on it and beside it can be read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), number => {
      const accent = `#${number.toString(16).padStart(6, '0')}`;
      const style = styleOf({ ...plainLook, accent });
      const [, light = '', text = '', dark = '', ground = '', ink = '', panel = ''] =
        /^:root\{--accent:(.{7});--fill:.{7};--on-accent:(.{7})\}@media.*:root\{--accent:(.{7})\}\}html.*--ground:(.{7});--ink:(.{7}).*--panel:(.{7})/.exec(
          style,
        ) ?? [];
      // Text on a button, on the whole page at the call, and in a box there; the button of the call has both swapped.
      expect(contrastOf(text, accent)).toBeGreaterThanOrEqual(4.5);
      expect(ground).toBe(accent);
      expect(contrastOf(ink, ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrastOf(ink, panel)).toBeGreaterThanOrEqual(4.5);
      // Lines and marks.
      expect(contrastOf(light, '#fbfaf7')).toBeGreaterThanOrEqual(3);
      expect(contrastOf(dark, '#111417')).toBeGreaterThanOrEqual(3);
    }),
  );
  expect(styleOf({ ...plainLook, accent: '#165e83' })).toContain(
    ':root{--accent:#165e83;--fill:#165e83;--on-accent:#ffffff}',
  );
  // Yellow stays yellow, with black on it.
  expect(styleOf({ ...plainLook, accent: '#ffe600' })).toContain(';--fill:#ffe600;--on-accent:#000000}');
  expect(styleOf(plainLook)).toBe('');
});

test('[PG77] name, words and links are in the language of the page, else in the first one given', async () => {
  const look: Partial<Look> = {
    name: { en: 'Summer Festival', ja: '夏フェス' },
    links: [{ url: '/help', text: { en: 'Help', ja: 'ヘルプ' } }],
    texts: { ja: { waiting: { headline: 'お待ちください' } } },
  };
  const { html: japanese } = await pageWith(look, 'ja');
  expect(japanese).toContain('"name":"夏フェス"');
  expect(japanese).toContain('>ヘルプ</a>');
  expect(japanese).toContain('<h1>お待ちください</h1><p>通信が切れても');
  const { html: french } = await pageWith(look, 'fr');
  expect(french).toContain('"name":"Summer Festival"');
  expect(french).toContain('<h1>Vous êtes dans la file</h1>');
  expect(localText('one for all', 'fr')).toBe('one for all');
});

test('[PG77] the language of a room stands in for those that are not there', async () => {
  const page = await buildWaitingPage({ prefix: '/_junban', room: null, look: { ...plainLook, language: 'ja' } });
  expect(page.negotiateLanguage('tlh')).toBe('ja');
  expect(page.negotiateLanguage('de')).toBe('de');
});

test('[PG77] the policy names the style with the colour in it, and no text gets out of its place', async () => {
  const nasty = `"><script>alert(1)</script>`;
  const { html, policy } = await pageWith(
    { accent: '#ff0066', name: nasty, logo: 'data:image/png;base64,AAAA', links: [{ url: '/a?b&c', text: nasty }] },
    'en',
  );
  const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
  expect(style).toContain('--accent:#');
  expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  expect(html).not.toContain('<script>alert');
  expect(html).toContain('<img id="logo" src="data:image/png;base64,AAAA" alt="&quot;&gt;');
  expect(html).toContain('href="/a?b&amp;c"');
});
