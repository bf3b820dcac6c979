// The wait against a real gateway in real Chromium: one device, one place, through reloads, tabs, a lost network and a
// gateway that is killed.

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser, openPhone, type Phone, seeScreen } from '../../support/browser.ts';
import {
  faultsOf,
  isSameDocument,
  markDocument,
  openStage,
  type Rival,
  type Stage,
  seeAhead,
  seeLive,
  shownAhead,
  shownNumber,
} from './stage.ts';

const wish = '/events/junban-live?day=1&seat=%E3%81%82#map';

let browser: Browser;
let stage: Stage;
let rivals: readonly Rival[];
let phone: Phone;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  stage = await openStage();
  phone = await openPhone(browser);
  // The first one walks in and takes the only turn of this minute.
  const inside = await stage.join();
  await inside.called;
  await inside.claim();
  rivals = [await stage.join(), await stage.join(), await stage.join()];
});
afterEach(async () => {
  const faults = faultsOf(phone, stage);
  await phone.context.close();
  await stage.stop();
  // PG65, after each test of the story.
  expect(faults).toEqual([]);
});

async function openLine(): Promise<Page> {
  const page = await phone.openTab();
  await page.goto(stage.gateway.url + wish);
  await seeLive(page);
  return page;
}

test('[PG50] a fan joins by opening the shop, and reload and a second tab show the same number', async () => {
  const page = await openLine();
  expect(page.url()).toBe(stage.gateway.url + wish);
  await seeAhead(page, 3);
  const number = await shownNumber(page);
  expect(number).toBe('4');
  await page.reload();
  await seeLive(page);
  expect(await shownNumber(page)).toBe(number);
  const second = await openLine();
  expect(await shownNumber(second)).toBe(number);
  await seeAhead(second, 3);
});

test('[PG51] two first tabs opened at the same moment settle on one ticket', async () => {
  const tabs = await Promise.all([phone.openTab(), phone.openTab()]);
  await Promise.all(tabs.map(tab => tab.goto(stage.gateway.url + wish)));
  await expect.poll(async () => new Set(await Promise.all(tabs.map(shownNumber))).size, { timeout: 10_000 }).toBe(1);
});

test('[PG51] a tab that is connected when the browser keeps another ticket takes that one', async () => {
  const first = await openLine();
  const number = await shownNumber(first);
  // The second answer was under way before the first one's cookie was kept: the browser has the second's in the end.
  await phone.context.clearCookies();
  const second = await openLine();
  const kept = await shownNumber(second);
  expect(kept).not.toBe(number);
  await expect.poll(() => shownNumber(first)).toBe(kept);
  expect(await shownNumber(second)).toBe(kept);
  // The ticket that nobody holds any more counts no longer.
  await seeAhead(first, 3);
});

test('[PG52] the number falls within 3 s of others leaving, and is always a number', async () => {
  const page = await openLine();
  await seeAhead(page, 3);
  await page.evaluate(`{
    document.seen = [];
    new MutationObserver(() => document.seen.push(document.querySelector('#value').textContent)).observe(
      document.querySelector('#value'), { childList: true, characterData: true, subtree: true });
  }`);
  await rivals[0]?.leave();
  await seeAhead(page, 2, 3_000);
  await rivals[1]?.leave();
  await seeAhead(page, 1, 3_000);
  expect(await page.evaluate('document.seen.filter(text => text !== "" && !/^\\d+$/.test(text))')).toEqual([]);
  expect(await page.locator('body').innerText()).not.toMatch(/NaN|undefined|null/);
});

test('[PG53] a network cut shows the last number, its age and the promise, and passes by itself', async () => {
  const page = await openLine();
  await seeAhead(page, 3);
  await markDocument(page);
  await phone.context.setOffline(true);
  await seeScreen(page, 'offline');
  expect(await page.locator('#lead').textContent()).toContain('Your place is kept');
  expect(await page.locator('#connection').textContent()).toMatch(/ago/);
  expect(await shownAhead(page)).toBe('3');
  await phone.context.setOffline(false);
  await seeLive(page);
  await seeAhead(page, 3);
  expect(await isSameDocument(page)).toBe(true);
});

test('[PG54] a gateway killed and started again finds the waiting page at the same place without a reload', async () => {
  const page = await openLine();
  const number = await shownNumber(page);
  await markDocument(page);
  await stage.gateway.kill();
  await page.locator('#connection[data-connection="lost"]').waitFor();
  await stage.gateway.restart();
  await seeLive(page);
  expect(await shownNumber(page)).toBe(number);
  await expect.poll(() => shownAhead(page)).toMatch(/^[0-3]$/);
  expect(await isSameDocument(page)).toBe(true);
});

test('[PG65] an error, a refusal by the content policy and another host would be noticed after any of these tests', async () => {
  const watched = await openPhone(browser);
  const page = await watched.openTab();
  await page.goto(stage.gateway.url + wish);
  await seeLive(page);
  expect(faultsOf(watched, stage)).toEqual([]);
  await page.evaluate("void setTimeout(() => { throw new Error('a mistake'); })");
  await page.evaluate("console.error('a complaint')");
  await page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))");
  await (await watched.openTab()).goto(stage.shop.url);
  await expect
    .poll(() => faultsOf(watched, stage))
    .toEqual(
      expect.arrayContaining([
        'a mistake',
        'a complaint',
        expect.stringContaining('Content Security Policy'),
        new URL(stage.shop.url).origin,
      ]),
    );
  await watched.context.close();
});
