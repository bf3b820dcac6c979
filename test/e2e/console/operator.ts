// An operator in a real browser before the console: logs in, opens rooms and switches, turns them, reads figures.
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openPhone, type Phone } from '../../support/browser.ts';

export const opsToken = 'a-token-of-the-tests';
export const desk = { viewport: { width: 1280, height: 900 }, timezoneId: 'Asia/Tokyo' };

export type Operator = { readonly page: Page; readonly machine: Phone };

export async function sitDown(browser: Browser, url: string): Promise<Operator> {
  const machine = await openPhone(browser, desk);
  const page = await machine.openTab();
  await page.goto(url);
  await page.getByLabel('Ops token').waitFor();
  return { page, machine };
}

export async function logIn(page: Page, token = opsToken): Promise<void> {
  await page.getByLabel('Ops token').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('header .tag', { hasText: 'live' }).waitFor();
}

/** The place behind the "#" of the address. */
export const go = (page: Page, place: string): Promise<void> =>
  page.evaluate(`void (location.hash = ${JSON.stringify(`#/${place}`)})`);

export async function openRoom(page: Page, room: string): Promise<void> {
  await go(page, `room/${room}`);
  await page.locator('h1', { hasText: room }).waitFor();
}

/** Opens switches by their titles; those that are open stay so. */
export async function openSwitches(page: Page, ...titles: readonly string[]): Promise<void> {
  for (const title of titles) {
    const panel = page.locator('.panel', { has: page.getByRole('heading', { name: title, exact: true }) });
    if ((await panel.getAttribute('open')) === null) await panel.locator('summary').click();
  }
}

const figure = (page: Page, label: string) =>
  page
    .locator('.figures > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) })
    .locator('dd');

export const seeFigure = (page: Page, label: string, value: string): Promise<void> =>
  expect.poll(() => figure(page, label).textContent(), { timeout: 10_000 }).toBe(value);

/** Presses a switch; gives the words of its question, which stays open. */
export async function press(page: Page, name: string | RegExp): Promise<string> {
  await page.getByRole('button', { name }).click();
  return (await page.locator('#effect').textContent()) ?? '';
}

/** Says yes to the question that stands open. */
export async function sayYes(page: Page, reason = ''): Promise<void> {
  const dialog = page.locator('dialog', { has: page.locator('#question') });
  if (reason !== '') await dialog.getByLabel(/^Why/).fill(reason);
  const title = await dialog.locator('#question').textContent();
  await dialog.locator('button[type=submit]').click();
  await page.locator('.told', { hasText: `Done: ${title}.` }).waitFor();
}

/** Presses a switch and says yes to its question; gives the question's words. */
export async function turn(page: Page, name: string | RegExp, reason = ''): Promise<string> {
  const words = await press(page, name);
  await sayYes(page, reason);
  return words;
}
