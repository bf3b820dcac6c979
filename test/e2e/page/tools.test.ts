// What the page does for the fan beside the number: languages, alerts, the check of the draw, a start that moves.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { quicknetFacts } from '../../unit/draw/draw-facts.ts';
import { violationsInBothThemes } from './accessibility.ts';
import { type Fan, launchBrowser, openFan, seeScreen, seeText } from './fan.ts';
import { type LineServer, startLineServer, statusOf } from './line-server.ts';
import { keepPicture } from './pictures.ts';

let browser: Browser;
let server: LineServer;
let fan: Fan;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  expect(fan.errors).toEqual([]);
  await fan.leave();
  await server.stop();
});

const open = async (before: string | null = null, status = statusOf()): Promise<void> => {
  [server, fan] = await Promise.all([startLineServer(), openFan(browser)]);
  if (before !== null) await fan.page.addInitScript(before);
  server.script.status = status;
  await fan.page.goto(server.origin);
  await seeText(fan.page, '#connection[data-connection="live"]', '');
};
const inMs = (spanMs: number): string => new Date(Date.now() + spanMs).toISOString();
const lobby = { phase: 'lobby', state: 'lobby', place: null, ahead: null, etaSeconds: null } as const;

test('[PG2] the switch changes the language, and the next visit remembers it', async () => {
  await open();
  await fan.page.locator('#language').selectOption({ label: 'العربية' });
  await fan.page.locator('html[lang="ar"][dir="rtl"]').waitFor();
  await seeScreen(fan.page, 'waiting');
  await fan.page.goto(`${server.origin}/again`);
  await fan.page.locator('html[lang="ar"]').waitFor();
  await fan.page.locator('#language').selectOption({ label: '繁體中文' });
  await fan.page.locator('html[lang="zh-Hant"]').waitFor();
});

/** What the page asked of the browser, instead of noise and a lit screen in the test. */
const recordAlerts = `
  window.asked = [];
  navigator.vibrate = () => asked.push('vibrate');
  AudioContext.prototype.createOscillator = new Proxy(AudioContext.prototype.createOscillator, {
    apply: (target, audio, given) => { asked.push('tone'); return Reflect.apply(target, audio, given); },
  });
  Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => {
    asked.push('wake lock');
    return { release: async () => asked.push('release') };
  } } });
  Notification.requestPermission = async () => { asked.push('permission'); return 'denied'; };`;
const asked = (): Promise<readonly string[]> => fan.page.evaluate('asked');

test('[PG73] nothing sounds, lights or asks unless the fan wants it; then the call rings', async () => {
  await open(recordAlerts);
  server.push({ state: 'called', ahead: 0, claimBy: inMs(120_000) });
  await seeScreen(fan.page, 'called');
  server.push({ state: 'waiting', ahead: 1, claimBy: null });
  await fan.page.getByRole('button', { name: 'Alert me at my turn' }).click();
  await fan.page.locator('#alert[aria-pressed="true"]').waitFor();
  await seeText(fan.page, '#alerted:visible', 'A sound plays');
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  expect((await asked()).filter(each => each === 'tone' || each === 'vibrate')).toEqual([]);
  expect(await asked()).toContain('wake lock');
  server.push({ state: 'called', ahead: 0, claimBy: inMs(120_000) });
  await seeScreen(fan.page, 'called');
  await expect.poll(asked).toEqual(expect.arrayContaining(['tone', 'vibrate']));
  const rung = (await asked()).length;
  server.push({ claimBy: inMs(25_000) });
  await seeText(fan.page, '#hurry', 'seconds left');
  await expect.poll(async () => (await asked()).length).toBeGreaterThan(rung);
});

test('[PG73] a second tap ends the alerts and lets the screen sleep', async () => {
  await open(recordAlerts);
  const button = fan.page.getByRole('button', { name: 'Alert me at my turn' });
  await button.click();
  await expect.poll(asked).toContain('wake lock');
  await button.click();
  await expect.poll(asked).toContain('release');
  server.push({ state: 'called', ahead: 0, claimBy: inMs(120_000) });
  await seeScreen(fan.page, 'called');
  expect(await asked()).not.toContain('tone');
});

test('[PG139] alerts outlive another tab and a missed call, and the button says what is so', async () => {
  await open(recordAlerts);
  await fan.page.getByRole('button', { name: 'Alert me at my turn' }).click();
  await seeText(fan.page, '#alerted:visible', 'A sound plays');
  for (const socket of server.sockets) socket.close(4102);
  await seeScreen(fan.page, 'superseded');
  await fan.page.getByRole('button', { name: 'Continue here' }).click();
  await seeScreen(fan.page, 'waiting');
  await fan.page.locator('#alert[aria-pressed="true"]').waitFor();
  server.push({ state: 'called', ahead: 0, claimBy: inMs(120_000) });
  await expect.poll(asked).toEqual(expect.arrayContaining(['tone', 'vibrate']));
  server.push({ state: 'waiting', ahead: 1, claimBy: null });
  await seeText(fan.page, '#alerted:visible', 'A sound plays');
  server.push({ state: 'ended', phase: 'ended', ahead: null });
  await seeScreen(fan.page, 'ended');
  await fan.page.locator('#alert[aria-pressed="false"]').waitFor({ state: 'attached' });
});

test('[PG75] [PG142] one tap shows step by step that the own place is right, or that it is not', async () => {
  const facts = quicknetFacts();
  const { drawn, proof } = facts.draw;
  const place = placeOf(204, drawn, bytesOfHex(proof.seed));
  [server, fan] = await Promise.all([startLineServer(), openFan(browser)]);
  server.script.commitment = facts.draw.commitment;
  server.script.status = statusOf({ ...lobby, number: 204, startsAt: inMs(60_000) });
  await fan.page.goto(server.origin);
  await seeText(fan.page, '#connection[data-connection="live"]', '');
  server.push({ ...statusOf({ number: 204, place }) });
  await seeScreen(fan.page, 'waiting');
  server.script.facts = { code: 200, body: facts };
  expect(server.requests.join()).not.toContain('draw-check.js');
  const check = fan.page.getByRole('button', { name: 'Check the draw' });
  await check.click();
  await seeText(fan.page, '#steps li:last-child', 'Your place is right.');
  expect(await fan.page.locator('#steps li[data-mark="✓"]').count()).toBe(4);
  expect(await fan.page.locator('#steps').textContent()).toContain(`number 204 the place ${place}`);
  expect(await fan.page.locator('#data').getAttribute('href')).toBe('/_junban/v1/rooms/sale?room=sale');
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  await keepPicture(fan.page, 'proof.en');
  const withProof = (change: object) => ({ ...facts, draw: { ...facts.draw, proof: { ...proof, ...change } } });
  server.script.facts = { code: 200, body: withProof({ seed: 'ab'.repeat(32) }) };
  await check.click();
  await seeText(fan.page, '#steps li:last-child', 'This does not add up.');
  server.script.facts = {
    code: 200,
    body: withProof({ randomness: { ...proof.randomness, signature: `b${'ab'.repeat(47)}c` } }),
  };
  await check.click();
  await seeText(fan.page, '#steps li[data-mark="✗"] >> nth=0', 'drand');
  server.script.facts = { code: 503 };
  await check.click();
  await seeText(fan.page, '#steps', 'could not be loaded');
});

test('[PG72] a start that moves is told with its new time in the same page', async () => {
  await open(null, statusOf({ ...lobby, startsAt: inMs(3_600_000) }));
  await seeText(fan.page, '#closing', 'You may close this page until the start');
  server.push({ startsAt: inMs(7_200_000) });
  await seeText(fan.page, '#note', 'The start has been moved to');
  expect(await fan.page.locator('#value').textContent()).toMatch(/^(1:59:5|2:00:0)\d$/);
});

test.each([-600_000, 600_000])('[PG5] a phone whose clock is %i ms off counts down rightly', async offMs => {
  const wrongClock = `const now = Date.now; Date.now = () => now() + ${offMs};`;
  await open(wrongClock, statusOf({ ...lobby, startsAt: inMs(1_805_000) }));
  expect(await fan.page.locator('#value').textContent()).toMatch(/^30:0\d$/);
  server.push({ state: 'called', phase: 'open', ahead: 0, claimBy: inMs(65_000) });
  await seeScreen(fan.page, 'called');
  expect(await fan.page.locator('#value').textContent()).toMatch(/^1:0[2-5]$/);
});

test('[PG171] a phone ten minutes off that loads the page while checking counts down rightly too', async () => {
  const wrongClock = 'const now = Date.now; Date.now = () => now() + 600_000;';
  [server, fan] = await Promise.all([startLineServer(), openFan(browser)]);
  await fan.page.addInitScript(wrongClock);
  server.script.status = statusOf({ ...lobby, startsAt: inMs(95_000), asOf: inMs(-20_000), checking: true });
  await fan.page.goto(server.origin);
  await seeScreen(fan.page, 'lobby');
  expect(await fan.page.locator('#value').textContent()).toMatch(/^1:(3[0-5]|2\d)$/);
  expect(await fan.page.locator('#connection').innerText()).toMatch(/ 2\d seconds ago$/);
});

test('[PG76] a tab that was frozen shows the newest number when it thaws, without a reload', async () => {
  await open();
  await fan.page.evaluate('void (document.unloadedNever = true)');
  const session = await fan.page.context().newCDPSession(fan.page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  server.push({ ahead: 77 });
  for (const socket of server.sockets) socket.terminate();
  server.push({ ahead: 76 });
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await fan.page.locator('#value', { hasText: /^76$/ }).waitFor();
  expect(await fan.page.evaluate('document.unloadedNever')).toBe(true);
});

test('[PG76] a page taken back from the back-forward cache connects anew', async () => {
  await open();
  const before = server.requests.length;
  await fan.page.evaluate('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))');
  await expect.poll(() => [...server.sockets].filter(socket => socket.readyState === socket.OPEN).length).toBe(0);
  server.push({ ahead: 55 });
  await fan.page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
  await fan.page.locator('#value', { hasText: /^55$/ }).waitFor();
  expect(server.requests.slice(before).filter(request => request.startsWith('GET'))).toEqual([]);
});

test.each(['#ffe600', '#0b6e4f', '#c2185b'])(
  '[PG77] in the colour %s every screen is accessible in both themes',
  async accent => {
    const logo = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><rect width="90" height="30" rx="6" fill="#888"/></svg>').toString('base64')}`;
    const links = [{ url: '/help', text: { en: 'Help' } }];
    [server, fan] = await Promise.all([
      startLineServer({}, { accent, logo, links, name: { en: 'Autumn Festival' } }),
      openFan(browser),
    ]);
    for (const state of [{}, { state: 'called', ahead: 0, claimBy: inMs(120_000) }] as const) {
      server.script.status = statusOf(state);
      await fan.page.goto(server.origin);
      const screen = 'state' in state ? 'called' : 'waiting';
      await seeScreen(fan.page, screen);
      expect(await fan.page.locator('#room').textContent()).toBe('Autumn Festival');
      await keepPicture(fan.page, `look-${accent.slice(1)}-${screen}`);
      expect(await violationsInBothThemes(fan.page)).toEqual([]);
    }
  },
);
