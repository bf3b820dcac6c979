// The turn against a real gateway and a real shop in real Chromium: called, in the shop, through the shop's troubles, out
// again; and a call that was missed.

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPhone, type Phone, seeScreen } from '../../support/browser.ts';
import {
  faultsOf,
  isSameDocument,
  markDocument,
  openStage,
  room,
  type Stage,
  seeAhead,
  seeLive,
  shownNumber,
} from './stage.ts';

const wish = '/events/junban-live?day=1&seat=%E3%81%82#map';

let browser: Browser;
let stage: Stage;
let phone: Phone;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  const faults = faultsOf(phone, stage);
  await phone.context.close();
  await stage.stop();
  // PG65, after each test of the story.
  expect(faults).toEqual([]);
});

/** A fan in line behind one who is in the shop; nobody else is called for a minute. */
async function openLine(change: Readonly<Record<string, unknown>> = {}): Promise<Page> {
  stage = await openStage(change);
  phone = await openPhone(browser);
  const inside = await stage.join();
  await inside.called;
  await inside.claim();
  const page = await phone.openTab();
  await page.goto(stage.gateway.url + wish);
  await seeLive(page);
  await seeAhead(page, 0);
  return page;
}

const hasPass = async (): Promise<boolean> =>
  (await phone.context.cookies()).some(({ name }) => name === `junban-pass-${room}`);

const seeShop = (page: Page): Promise<void> => page.getByRole('link', { name: '順番チケット' }).waitFor();

const enter = async (page: Page): Promise<void> => {
  await stage.operate('PUT', 'pace', { perMinute: 600 });
  await seeScreen(page, 'called');
  await page.getByRole('button', { name: 'Enter' }).click();
  await seeShop(page);
};

test('[PG55] the call changes the title, and the keyboard takes the turn to exactly the address first asked for', async () => {
  const page = await openLine();
  await stage.operate('PUT', 'pace', { perMinute: 600 });
  await seeScreen(page, 'called');
  expect(await page.title()).toMatch(/^● It is your turn/);
  expect(await page.locator('#value').textContent()).toMatch(/^(?:1:00|0:[0-5]\d)$/);
  await page.locator('#button').focus();
  await page.keyboard.press('Enter');
  await seeShop(page);
  expect(page.url()).toBe(stage.gateway.url + wish);
});

test('[PG56] the fan buys through the shop, with reload and a second tab, and the end of the order ends the turn', async () => {
  const page = await openLine();
  const number = await shownNumber(page);
  await enter(page);
  await page.reload();
  await seeShop(page);
  const second = await phone.openTab();
  await second.goto(`${stage.gateway.url}/events`);
  await seeShop(second);
  await page.getByRole('button', { name: 'カートへ' }).first().click();
  await page.getByRole('link', { name: 'Checkout' }).click();
  await page.getByLabel('Name').fill('Hanako');
  await page.getByRole('button', { name: 'ログイン' }).click();
  await page.getByRole('button', { name: 'Buy' }).click();
  await page.getByText('Order', { exact: false }).first().waitFor();
  expect(page.url()).toContain('/orders/');
  // The next visit is a new one: a new number, at the back.
  await stage.operate('PUT', 'pace', { perMinute: 1 });
  const front = await stage.join();
  await expect
    .poll(async () => {
      await page.goto(`${stage.gateway.url}/events`);
      return page.locator('html').getAttribute('data-screen');
    })
    .toMatch(/waiting|near/);
  expect(Number(await shownNumber(page))).toBeGreaterThan(Math.max(Number(number), front.number));
});

test('[PG57] errors of the shop and a shop that is gone keep the pass, and the fan is back by itself', async () => {
  const page = await openLine();
  await enter(page);
  await stage.lab('fail', { on: true });
  expect((await page.reload())?.status()).toBe(500);
  expect(await hasPass()).toBe(true);
  await stage.lab('fail', { on: false });
  await page.reload();
  await seeShop(page);
  await stage.lab('die');
  expect((await page.reload())?.status()).toBe(502);
  await seeScreen(page, 'shop-trouble');
  expect(await page.locator('#lead').textContent()).toMatch(/kept/);
  expect(await hasPass()).toBe(true);
  await stage.lab('revive');
  await page.getByRole('link', { name: '順番チケット' }).waitFor({ timeout: 30_000 });
  expect(page.url()).toBe(stage.gateway.url + wish);
});

test('[PG58] who misses the call says "I am here" and is called before the others', async () => {
  const page = await openLine({ claimWindow: '2s' });
  await stage.operate('PUT', 'pace', { perMinute: 30 });
  await seeScreen(page, 'called');
  await stage.operate('PUT', 'pace', { perMinute: 1 });
  const behind = await stage.join();
  let isBehindCalled = false;
  void behind.called.then(() => {
    isBehindCalled = true;
  });
  await seeScreen(page, 'missed');
  const answered = page.waitForResponse(/passes/);
  await page.getByRole('button', { name: 'I am here' }).click();
  expect((await answered).status()).toBe(202);
  expect(isBehindCalled).toBe(false);
  // One call each two seconds: the first of them is the fan's.
  await stage.operate('PUT', 'pace', { perMinute: 30 });
  await page.locator('html[data-screen="called"], html:not([data-screen])').waitFor();
  expect(isBehindCalled).toBe(false);
});

test('[PG59] in a room with automatic entry the called fan is in the shop without a tap', async () => {
  const page = await openLine({ claim: 'auto' });
  await stage.operate('PUT', 'pace', { perMinute: 600 });
  await seeShop(page);
  expect(page.url()).toBe(stage.gateway.url + wish);
});

test('[PG60] pause, message and end reach the waiting page without a reload', async () => {
  const page = await openLine();
  await markDocument(page);
  await stage.operate('POST', 'pause');
  await seeScreen(page, 'paused');
  await stage.operate('POST', 'message', { text: 'Doors at 18:00 <b>' });
  await page.locator('#message').getByText('Doors at 18:00 <b>', { exact: true }).waitFor();
  await stage.operate('POST', 'message', { text: null });
  await page.locator('#message').waitFor({ state: 'hidden' });
  await stage.operate('POST', 'resume');
  await seeScreen(page, 'near');
  await stage.operate('PUT', 'phase', { phase: 'ended' });
  await seeScreen(page, 'ended');
  expect(await isSameDocument(page)).toBe(true);
});

test('[PG15] more time on one tap, as often as the room allows, then a word that there is no more', async () => {
  const page = await openLine({ claimWindow: '25s', claimExtensions: 1 });
  await stage.operate('PUT', 'pace', { perMinute: 600 });
  await seeScreen(page, 'called');
  const leftSeconds = async () => Number((await page.locator('#value').textContent())?.split(':')[1]);
  expect(await leftSeconds()).toBeLessThanOrEqual(25);
  const more = page.getByRole('button', { name: 'I need more time' });
  await page.locator('#value', { hasText: /^0:2[0-3]$/ }).waitFor();
  await more.click();
  // A minute, or the claim window where that is shorter.
  await more.waitFor({ state: 'hidden' });
  expect(await leftSeconds()).toBeGreaterThan(30);
  await more.waitFor({ timeout: 30_000 });
  await more.click();
  await page.locator('#note', { hasText: 'cannot be extended' }).waitFor();
  await page.getByRole('button', { name: 'Enter' }).click();
  await seeShop(page);
});
