// The story where the browser or the network is difficult: no JavaScript, no cookies, no sockets; and rooms that open, or
// draw, while the page stands.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, launchProfile, openPhone, type Phone, seeScreen } from '../../support/browser.ts';
import {
  faultsOf,
  isSameDocument,
  markDocument,
  openStage,
  type Stage,
  seeAhead,
  seeLive,
  shownAhead,
} from './stage.ts';

const wish = '/events/junban-live?day=1';

let browser: Browser;
let stage: Stage;
const phones: Phone[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  const faults = phones.flatMap(phone => faultsOf(phone, stage));
  for (const phone of phones.splice(0)) await phone.context.close();
  await stage.stop();
  // PG65, after each test of the story.
  expect(faults).toEqual([]);
});

async function phoneWith(options: BrowserContextOptions = {}): Promise<Phone> {
  const phone = await openPhone(browser, options);
  phones.push(phone);
  return phone;
}

/** One device is in the shop, one in line; nobody else is called for a minute. */
async function openBusyStage(change: Readonly<Record<string, unknown>> = {}): Promise<void> {
  stage = await openStage(change);
  const inside = await stage.join();
  await inside.called;
  await inside.claim();
  await stage.join();
}

const visit = async (page: Page, path = wish): Promise<void> => {
  await page.goto(stage.gateway.url + path);
};

test('[PG61] [PG170] without JavaScript the page shows place and estimate, refreshes itself, and enters by a form', async () => {
  await openBusyStage({ graceTime: '30s' });
  const page = await (await phoneWith({ javaScriptEnabled: false })).openTab();
  await visit(page);
  await visit(page);
  expect(await page.locator('body').innerText()).toMatch(/\b1\b[\s\S]*ahead of you/);
  await stage.operate('PUT', 'pace', { perMinute: 600 });
  // A visit at the head of the line before the call would walk straight in.
  await expect.poll(async () => (await stage.gateway.operate('GET', 'sale'))['called']).toBe(2);
  await visit(page);
  expect(await page.locator('h1:visible').textContent()).toBe('It is your turn');
  // The page comes back by itself, from an address with a fragment too; nothing here asks it to.
  await page.goto('about:blank');
  await visit(page, `${wish}#map`);
  await page.waitForResponse(response => new URL(response.url()).pathname === '/events/junban-live', {
    timeout: 15_000,
  });
  await page.getByRole('button', { name: 'Enter now' }).click();
  await page.getByRole('link', { name: '順番チケット' }).waitFor();
  expect(page.url()).toBe(stage.gateway.url + wish);
});

test('[PG62] where sockets are refused the fan follows the line by events, and where these are too, by polling', async () => {
  await openBusyStage();
  const phone = await phoneWith();
  await phone.context.addInitScript(
    'window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006, reason: "" })); } close() {} };',
  );
  const page = await phone.openTab();
  const events = page.waitForRequest(/tickets\/current\/events/);
  await visit(page);
  await events;
  await seeLive(page);
  await seeAhead(page, 1);
  const poller = await phoneWith();
  await poller.context.addInitScript(
    'window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006, reason: "" })); } close() {} };',
  );
  await poller.context.route(/tickets\/current\/events/, route => route.abort());
  const polling = await poller.openTab();
  const polled = polling.waitForResponse(/tickets\/current\?/);
  await visit(polling);
  expect((await polled).status()).toBe(200);
  await seeLive(polling);
  await expect.poll(() => shownAhead(polling)).toMatch(/^[12]$/);
});

test('[PG11] [PG141] a page that stands before the opening joins by itself, in the same document', async () => {
  const opensAt = new Date(Date.now() + 10_000).toISOString();
  const startsAt = new Date(Date.now() + 600_000).toISOString();
  stage = await openStage({ opensAt, startsAt });
  const page = await (await phoneWith()).openTab();
  await visit(page);
  await seeScreen(page, 'closed');
  expect(await page.locator('#value').textContent()).toMatch(/^0:(0\d|10)$/);
  await markDocument(page);
  await seeScreen(page, 'lobby');
  expect(await isSameDocument(page)).toBe(true);
  // By the API too it was told what the room is held to.
  expect(await page.evaluate('localStorage.getItem("junban-sale-commitment")')).toMatch(/^\d+ [0-9a-f]{64}$/);
});

test('[PG63] at the start all pages switch from the lobby to drawn places, each place once', async () => {
  const startsAtMs = Date.now() + 10_000;
  const opensAt = new Date(Date.now() - 60_000).toISOString();
  stage = await openStage({ opensAt, startsAt: new Date(startsAtMs).toISOString() });
  // Paused, so that nobody is called while the places are looked at.
  await stage.operate('POST', 'pause');
  await Promise.all(Array.from({ length: 5 }, () => stage.join()));
  const phones = await Promise.all(Array.from({ length: 3 }, () => phoneWith()));
  const pages = await Promise.all(
    phones.map(async phone => {
      const page = await phone.openTab();
      await visit(page);
      await seeScreen(page, 'lobby');
      await markDocument(page);
      return page;
    }),
  );
  await Promise.all(pages.map(page => seeScreen(page, 'paused')));
  expect(Date.now() - startsAtMs).toBeLessThan(4_000);
  const ahead = await Promise.all(pages.map(shownAhead));
  expect(new Set(ahead).size).toBe(pages.length);
  for (const text of ahead) expect(text).toMatch(/^[0-7]$/);
  expect(await Promise.all(pages.map(isSameDocument))).toEqual([true, true, true]);
  // Each of them checks its own place, and holds the room to the commitment of the lobby; so does one that closed the tab.
  const [first] = phones;
  await pages[0]?.close();
  const opened = await first?.openTab();
  if (opened === undefined) throw new Error('there are three phones');
  await visit(opened);
  await seeScreen(opened, 'paused');
  for (const page of [opened, ...pages.slice(1)]) {
    await page.getByRole('button', { name: 'Check the draw' }).click();
    await page.locator('#steps li:last-child', { hasText: 'Your place follows from this data.' }).waitFor();
    const marks = await page
      .locator('#steps li')
      .evaluateAll(steps => steps.map(step => step.getAttribute('data-mark')));
    expect(marks).toEqual(['✓', '–', '✓', '✓', '']);
  }
});

test('[PG72] an operator moves the start while the lobby stands: the waiting page tells it, and the commitment stays', async () => {
  const inMs = (spanMs: number) => new Date(Date.now() + spanMs).toISOString();
  stage = await openStage({ opensAt: inMs(-60_000), startsAt: inMs(3_600_000) });
  const facts = async () => JSON.parse(await (await request(`${stage.gateway.url}/_junban/v1/rooms/sale`)).body.text());
  const before = await facts();
  const page = await (await phoneWith()).openTab();
  await visit(page);
  await seeScreen(page, 'lobby');
  await markDocument(page);
  const startsAt = inMs(7_200_000);
  await stage.operate('PUT', 'schedule', { startsAt });
  await page.locator('#note', { hasText: 'The start has been moved to' }).waitFor({ timeout: 5_000 });
  expect(await page.locator('#value').textContent()).toMatch(/^(1:59:\d\d|2:00:00)$/);
  expect(await isSameDocument(page)).toBe(true);
  const after = await facts();
  expect(after).toMatchObject({ startsAt, draw: { commitment: before.draw.commitment } });
});

test('[PG64] where cookies are blocked the page follows the line by the ticket it holds, and says what the turn needs', async () => {
  await openBusyStage();
  const profile = await mkdtemp(join(tmpdir(), 'junban-profile-'));
  await mkdir(join(profile, 'Default'));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await launchProfile(profile);
  try {
    const page = await context.newPage();
    await visit(page);
    await seeLive(page);
    await seeAhead(page, 1);
    await stage.operate('PUT', 'pace', { perMinute: 600 });
    await seeScreen(page, 'called');
    // The shop could not know this device: the page says so, and does not send it off to lose its place.
    expect(await page.locator('#note').textContent()).toMatch(/This browser blocks cookies/);
    await page.getByRole('button', { name: 'Enter now' }).click();
    await page.locator('#hurry', { hasText: 'please allow them for this site' }).waitFor();
    await stage.operate('POST', 'message', { text: 'Still here' });
    await page.locator('#message').getByText('Still here').waitFor();
    expect(await page.locator('html').getAttribute('data-screen')).toBe('called');
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
});
