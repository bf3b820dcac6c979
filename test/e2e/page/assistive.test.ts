// The page for those who hear it and those who use the keyboard: figures as they are, silence after speech, focus kept.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Fan, launchBrowser, openFan, seeScreen, seeText } from './fan.ts';
import { type LineServer, startLineServer, statusOf } from './line-server.ts';
import { recordSpeech } from './speech.ts';

let browser: Browser;
let server: LineServer;
let fan: Fan;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  [server, fan] = await Promise.all([startLineServer({ extension: true }), openFan(browser)]);
  await fan.page.addInitScript(recordSpeech);
  await fan.page.goto(server.origin);
  await seeText(fan.page, '#connection[data-connection="live"]', '');
});
afterEach(async () => {
  await fan.leave();
  await server.stop();
});

const inMs = (spanMs: number): string => new Date(Date.now() + spanMs).toISOString();
const focused = (): Promise<string> => fan.page.evaluate('document.activeElement.id');

test('[PG103] the figure for listeners follows every push, and live regions fall silent after a moment', async () => {
  await fan.page.locator('#polite:empty').waitFor({ state: 'attached' });
  server.push({ ahead: 5_419 });
  await seeText(fan.page, '#spoken', '5,419 people ahead of you');
  server.push({ state: 'called', ahead: 0, claimBy: inMs(120_000) });
  await seeScreen(fan.page, 'called');
  await expect
    .poll(() => fan.page.evaluate('said'))
    .toEqual([expect.stringContaining('5,420'), expect.stringContaining('It is your turn')]);
  await fan.page.locator('#urgent:empty').waitFor({ state: 'attached' });
});

test('[PG104] the focus never falls off the page with what it was on', async () => {
  server.push({ state: 'called', ahead: 0, claimBy: inMs(25_000) });
  await fan.page.locator('#extend').waitFor();
  const longer = statusOf({ state: 'called', ahead: 0, claimBy: inMs(90_000), asOf: inMs(50) });
  server.script.extension = { code: 200, body: longer };
  await fan.page.locator('#extend').press('Enter');
  await fan.page.locator('#extend').waitFor({ state: 'hidden' });
  expect(await focused()).toBe('button');
  await fan.page.locator('#leave').press('Enter');
  await fan.page.locator('#stay').press('Enter');
  expect(await focused()).toBe('leave');
  await fan.page.locator('#leave').press('Enter');
  await fan.page.locator('#confirm').press('Enter');
  await seeScreen(fan.page, 'left');
  expect(await focused()).toBe('button');
});
