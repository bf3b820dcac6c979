// Every screen in real Chromium: shown as it should, accessible in both themes, whole on a narrow phone.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wording as ar } from '../../../src/page/languages/ar.ts';
import { wording as de } from '../../../src/page/languages/de.ts';
import { wording as en } from '../../../src/page/languages/en.ts';
import { wording as ja } from '../../../src/page/languages/ja.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';
import { violationsInBothThemes } from './accessibility.ts';
import { type Fan, launchBrowser, openFan, seeScreen } from './fan.ts';
import { type LineServer, prefix, startLineServer, statusOf } from './line-server.ts';
import { keepPicture } from './pictures.ts';
import { sceneSetups } from './scenes.ts';

let browser: Browser;
let server: LineServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startLineServer()]);
  server.script.claim = { code: 202, body: statusOf({ state: 'entering', ahead: 0 }) };
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

describe.each([en, ja, ar, de])('in $name', wording => {
  let fan: Fan;
  beforeAll(async () => {
    fan = await openFan(browser, { locale: wording.tag, reducedMotion: 'reduce' });
  });
  afterAll(() => fan.leave());

  test.each(sceneSetups)(
    '[PG22] the screen $screen stands, is accessible in light and dark, and fits 320 px',
    async setup => {
      const { page } = fan;
      server.script.status = setup.status();
      server.script.notice = setup.notice();
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${server.origin}/tickets?day=1`);
      await seeScreen(page, setup.screen);
      expect(await page.locator('h1:visible').textContent()).toBe(wording.screens[setup.screen].headline);
      expect(await page.locator('html').getAttribute('lang')).toBe(wording.tag);
      expect(await page.locator('html').getAttribute('dir')).toBe(wording.direction);
      expect(await page.locator('#actions button:visible').count()).toBeLessThanOrEqual(1);
      await keepPicture(page, `${setup.screen}.${wording.tag}`);
      // Colours and structure are the same in all languages of one direction.
      if (wording === en || wording === ar) expect(await violationsInBothThemes(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 568 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      expect(fan.errors).toEqual([]);
    },
  );
});

test('[PG22] every language fits 320 px, also with text at 200 %', async () => {
  server.script.notice = null;
  const { languages } = await buildWaitingPage({ prefix, room: null });
  const states = [{}, { state: 'called', ahead: 0, claimBy: new Date(Date.now() + 25_000).toISOString() }] as const;
  const fan = await openFan(browser, { viewport: { width: 320, height: 740 } });
  for (const language of languages) {
    await fan.page.context().addCookies([{ name: 'junban-language', value: language, url: server.origin }]);
    for (const state of states) {
      server.script.status = statusOf(state);
      await fan.page.goto(`${server.origin}/`);
      await seeScreen(fan.page, 'state' in state ? 'called' : 'waiting');
      expect(await fan.page.locator('html').getAttribute('lang')).toBe(language);
      expect(await fan.page.evaluate('document.documentElement.scrollWidth'), language).toBe(320);
      await fan.page.evaluate('document.documentElement.style.fontSize = "200%"');
      expect(await fan.page.evaluate('document.documentElement.scrollWidth'), `${language} 200 %`).toBe(320);
    }
  }
  await fan.leave();
});

test('[PG22] with text at 200 % on a narrow phone nothing is cut off sideways', async () => {
  const fan = await openFan(browser, { viewport: { width: 320, height: 740 } });
  for (const setup of sceneSetups) {
    server.script.status = setup.status();
    server.script.notice = setup.notice();
    await fan.page.goto(`${server.origin}/`);
    await seeScreen(fan.page, setup.screen);
    await fan.page.evaluate('document.documentElement.style.fontSize = "200%"');
    expect(await fan.page.evaluate('document.documentElement.scrollWidth'), setup.screen).toBe(320);
  }
  await fan.leave();
});

test('[PG1] Chromium decodes the document whatever its tail', async () => {
  server.script.notice = null;
  server.script.status = statusOf();
  const fan = await openFan(browser);
  await fan.page.goto(`${server.origin}/`);
  for (const length of [0, 1, 2, 7, 63, 500, 4_095, 21_000, 30_000, 66_000, 140_000]) {
    const message = '順'.repeat(length);
    server.script.status = statusOf({ message });
    const read = await fan.page.evaluate(
      'fetch("/").then(answer => answer.text()).then(html => [html.endsWith("</body></html>\\n"), JSON.parse(new DOMParser().parseFromString(html, "text/html").getElementById("status").textContent).message.length])',
    );
    expect(read).toEqual([true, length]);
  }
  await fan.leave();
});

test('[PG17] the first screen takes one request', async () => {
  server.script.status = statusOf({ state: 'left', ahead: null });
  const before = server.requests.length;
  const fan = await openFan(browser);
  await fan.page.goto(`${server.origin}/tickets?day=1`);
  await seeScreen(fan.page, 'left');
  expect(server.requests.slice(before)).toEqual(['GET /tickets?day=1']);
  await fan.leave();
});

test('[PG20] [PG175] without JavaScript the same page shows the place, and its form takes the turn', async () => {
  server.script.status = statusOf();
  const fan = await openFan(browser, { javaScriptEnabled: false });
  await fan.page.goto(`${server.origin}/tickets?day=1`);
  expect(await fan.page.locator('main.plain').textContent()).toContain('5,420 people ahead of you');
  expect(await fan.page.locator('meta[http-equiv="refresh"]').getAttribute('content')).toBe('19;url=/tickets?day=1');
  for (const part of ['main:not(.plain)', 'footer', '#languages']) {
    expect(await fan.page.locator(`#app ${part}`).isVisible(), part).toBe(false);
  }
  expect(await fan.page.locator('#room:visible').textContent()).toBe('Summer Festival 2027');
  await keepPicture(fan.page, 'waiting-without-script.en');
  server.script.status = statusOf({ state: 'called', ahead: 0 });
  await fan.page.goto(`${server.origin}/tickets?day=1`);
  // PG175: the shop sends its fans to another host to log in, which a form of ours may not.
  const login = server.origin.replace('127.0.0.1', 'localhost');
  server.script.shop = { code: 302, headers: { location: `${login}${prefix}/v1/rooms/login` } };
  server.script.facts = { code: 200, body: '<h1>Login</h1>' };
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  await fan.page.waitForURL(`${login}${prefix}/v1/rooms/login`, { timeout: 10_000 });
  expect(server.requests).toContain('GET /shop?day=1');
  expect(fan.errors).toEqual([]);
  expect(server.claims.at(-1)).toBe('returnTo=%2Ftickets%3Fday%3D1');
  server.script.shop = null;
  await fan.leave();
});
