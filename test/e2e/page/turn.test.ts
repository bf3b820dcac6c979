// The turn in real Chromium: called, claimed, and on to exactly the address first asked for.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PageRoom } from '../../../src/page/visit.ts';
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
  await fan.leave();
  await server.stop();
});

const address = '/tickets?day=1&seat=A%20B';
const shop = { code: 200, body: '<h1>Shop</h1>' };
const granted = { code: 201, body: { pass: 'p', expiresAt: '2027-05-09T02:00:00.000Z', returnTo: address } };
const called = { state: 'called', ahead: 0, etaSeconds: null } as const;
const claimBy = (spanMs: number): string => new Date(Date.now() + spanMs).toISOString();

const open = async (room: Partial<PageRoom> = {}, fragment = '', before = ''): Promise<void> => {
  [server, fan] = await Promise.all([startLineServer(room), openFan(browser)]);
  await fan.page.addInitScript(before);
  if (before !== '') server.script.ticket = 'its-own-ticket';
  server.script.status = statusOf({ ahead: 2, etaSeconds: [1, 5] });
  await fan.page.goto(server.origin + address + fragment);
  await seeText(fan.page, '#connection[data-connection="live"]', '');
};
const inShop = (): Promise<void> => fan.page.getByRole('heading', { name: 'Shop', exact: true }).waitFor();

test('[PG12] called, claimed by keyboard, and in the shop at the address first asked for, fragment too', async () => {
  await open({}, '#stage-2');
  server.push({ ...called, claimBy: claimBy(120_000) });
  await seeScreen(fan.page, 'called');
  await seeText(fan.page, '#urgent', 'It is your turn');
  expect(await fan.page.title()).toBe('● It is your turn – Summer Festival 2027');
  expect(await fan.page.locator('#value').textContent()).toMatch(/^1:5\d$|^2:00$/);
  server.script.claim = granted;
  server.script.shop = shop;
  await fan.page.locator('#button').focus();
  await fan.page.keyboard.press('Enter');
  await inShop();
  expect(fan.page.url()).toBe(`${server.origin}${address}#stage-2`);
  expect(server.claims).toEqual([JSON.stringify({ returnTo: address })]);
});

test('[PG12] without a fragment the shop is loaded at the same address', async () => {
  await open();
  server.push({ ...called, claimBy: claimBy(120_000) });
  server.script.claim = granted;
  server.script.shop = shop;
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  await inShop();
  expect(fan.page.url()).toBe(server.origin + address);
});

test('[PG10] a busy claim gate shows "entering" and is asked again until it grants', async () => {
  await open();
  server.push({ ...called, claimBy: claimBy(120_000) });
  server.script.claim = { code: 202, body: statusOf({ ...called, state: 'entering', next: 300 }) };
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  await seeScreen(fan.page, 'entering');
  await server.waitForRequest(/POST .*passes/, (await server.waitForRequest(/POST .*passes/)) + 1);
  server.script.claim = granted;
  server.script.shop = shop;
  await inShop();
});

test('[PG10] a claim that is not this turn leads back to the line', async () => {
  await open();
  server.push({ ...called, claimBy: claimBy(120_000) });
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  await server.waitForRequest(/POST .*passes/);
  server.push({ state: 'waiting', ahead: 40, etaSeconds: [600, 700] });
  await seeScreen(fan.page, 'waiting');
  expect(server.claims.length).toBe(1);
});

test('[PG29] with claim auto the page takes the turn by itself', async () => {
  await open({ claim: 'auto' });
  server.script.claim = granted;
  server.script.shop = shop;
  server.push({ ...called, claimBy: claimBy(120_000) });
  await inShop();
});

test('[PG29] a missed device says "I am here" and goes on waiting for its call', async () => {
  await open();
  server.push({ state: 'missed', ahead: 3 });
  server.script.claim = { code: 202, body: statusOf({ state: 'waiting', ahead: 3, etaSeconds: [1, 9] }) };
  await fan.page.getByRole('button', { name: 'I am here' }).click();
  await seeScreen(fan.page, 'near');
  expect(server.claims.length).toBe(1);
});

test('[PG15] before the end of its time the page warns, and one tap gives more of it until there is no more', async () => {
  await open({ extension: true });
  server.push({ ...called, claimBy: claimBy(31_500) });
  await seeScreen(fan.page, 'called');
  await seeText(fan.page, '#hurry', 'seconds left');
  await seeText(fan.page, '#urgent', 'seconds left');
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  const more = fan.page.getByRole('button', { name: 'I need more time' });
  server.script.extension = { code: 200, body: statusOf({ ...called, claimBy: claimBy(90_000) }) };
  await more.click();
  await more.waitFor({ state: 'hidden' });
  expect(await fan.page.locator('#value').textContent()).toMatch(/^1:(2\d|30)$/);
  server.push({ ...called, claimBy: claimBy(25_000) });
  server.script.extension = { code: 409, body: { code: 'no-more-time' } };
  await more.click();
  await more.waitFor({ state: 'hidden' });
  await seeText(fan.page, '#note', 'cannot be extended');
});

test('[PG172] [PG173] offline, a tap keeps the call and its clock; when the time is over the place is said to be kept', async () => {
  await open();
  server.push({ ...called, claimBy: claimBy(7_000) });
  await seeScreen(fan.page, 'called');
  await fan.page.context().setOffline(true);
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  await fan.page.getByRole('button', { name: 'Enter now …' }).waitFor();
  expect(await fan.page.locator('#value').textContent()).toMatch(/^0:0[1-7]$/);
  await keepPicture(fan.page, 'called-asking-offline.en');
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  await seeScreen(fan.page, 'offline');
  await seeText(fan.page, '#note', 'your place is kept and you can ask to be called again');
  expect(await fan.page.locator('#figure').isVisible()).toBe(false);
  await keepPicture(fan.page, 'called-over-offline.en');
  // Back again, the tap is carried out: the fan is there, and is called again.
  server.push({ state: 'missed', ahead: 0, claimBy: null });
  server.script.claim = { code: 202, body: statusOf({ ahead: 0, etaSeconds: [0, 5] }) };
  await fan.page.context().setOffline(false);
  await seeScreen(fan.page, 'near');
});

test('[PG173] "I am here" said offline keeps its button, and a second tap asks at once', async () => {
  await open();
  server.push({ state: 'missed', ahead: 3 });
  await seeScreen(fan.page, 'missed');
  await fan.page.route(/v1\/passes/, route => route.abort());
  await fan.page.getByRole('button', { name: 'I am here' }).click();
  const waiting = fan.page.getByRole('button', { name: 'I am here …' });
  await waiting.waitFor();
  await keepPicture(fan.page, 'missed-asking.en');
  await fan.page.unroute(/v1\/passes/);
  server.script.claim = { code: 202, body: statusOf({ ahead: 3, etaSeconds: [1, 9] }) };
  await waiting.click();
  await seeScreen(fan.page, 'near');
});

test('[PG26] a shop that sends an admitted fan back here makes no loop: one try, then a button', async () => {
  await open({ claim: 'auto' });
  server.script.claim = granted;
  server.script.status = statusOf({ state: 'admitted', ahead: 0 });
  const before = server.requests.length;
  server.push({ state: 'admitted', ahead: 0 });
  await server.waitForRequest(/GET \/tickets/, before);
  await fan.page.getByRole('button', { name: 'Go to the shop' }).waitFor();
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  expect(server.requests.filter(request => request.startsWith('GET /tickets')).length).toBe(2);
  server.script.shop = shop;
  await fan.page.getByRole('button', { name: 'Go to the shop' }).click();
  await inShop();
});

/** Keeps no cookie until it may. */
const withoutCookies = `
  let kept = '';
  Object.defineProperty(Document.prototype, 'cookie', {
    get: () => (window.mayKeep ? kept : ''),
    set: text => { kept = text; },
  });`;

test('[PG120] where cookies are blocked a tap says what is missing, and leads in by itself once they are allowed', async () => {
  await open({}, '', withoutCookies);
  await seeText(fan.page, '#note', 'This browser blocks cookies');
  server.push({ ...called, claimBy: claimBy(120_000) });
  await seeScreen(fan.page, 'called');
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  await seeText(fan.page, '#hurry:visible', 'please allow them for this site');
  await seeText(fan.page, '#urgent', 'please allow them for this site');
  expect(await fan.page.locator('#note').textContent()).toContain('If the time runs out');
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  expect(server.claims).toEqual([]);
  server.script.claim = granted;
  server.script.shop = shop;
  await fan.page.evaluate('void (window.mayKeep = true)');
  await inShop();
  expect(server.claimTickets).toEqual(['Bearer its-own-ticket']);
});

test('[PG150] more time that nobody gives makes the connection lost, not the tap forgotten', async () => {
  await open({ extension: true });
  server.push({ ...called, claimBy: claimBy(25_000) });
  await fan.page.route(/extension/, route => route.abort());
  await fan.page.getByRole('button', { name: 'I need more time' }).click();
  await seeText(fan.page, '#connection[data-connection="lost"]', 'Reconnecting');
});

test('[PG145] where cookies are blocked a page from before the opening follows and enters by the ticket it joins with', async () => {
  [server, fan] = await Promise.all([startLineServer(), openFan(browser)]);
  await fan.page.addInitScript(withoutCookies);
  const opensAt = new Date(Date.now() + 1_000).toISOString();
  server.script.notice = { kind: 'room-closed', asOf: new Date().toISOString(), opensAt };
  const joined = statusOf({ ahead: 2, etaSeconds: [1, 5], next: 300 });
  server.script.status = joined;
  server.script.join = { code: 201, body: { room: 'sale', ticket: 'joined-with', status: joined } };
  await fan.page.goto(server.origin + address);
  await seeScreen(fan.page, 'near');
  await seeText(fan.page, '#connection[data-connection="live"]', '');
  await seeText(fan.page, '#note', 'This browser blocks cookies');
  server.push({ ...called, claimBy: claimBy(120_000) });
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  server.script.claim = granted;
  server.script.shop = shop;
  await fan.page.evaluate('void (window.mayKeep = true)');
  await inShop();
  expect(server.claimTickets).toEqual(['Bearer joined-with']);
  expect(server.requests.filter(request => request === `GET ${address}`).length).toBe(2);
});

test('[PG123] while entering, a gateway that no longer answers is not called live', async () => {
  await open();
  server.push({ ...called, claimBy: claimBy(120_000) });
  server.script.claim = { code: 202, body: statusOf({ ...called, state: 'entering', next: 300 }) };
  await fan.page.getByRole('button', { name: 'Enter now' }).click();
  await seeScreen(fan.page, 'entering');
  await seeText(fan.page, '#connection', 'Live');
  // The socket stands, but nobody answers behind it: first not at all, then a proxy for it.
  await fan.page.route(/v1\/passes/, route => route.abort());
  await seeText(fan.page, '#connection[data-connection="lost"]', 'Reconnecting');
  await fan.page.unroute(/v1\/passes/);
  await seeText(fan.page, '#connection', 'Live');
  server.script.claim = { code: 502, body: '<h1>Bad gateway</h1>' };
  await seeText(fan.page, '#connection[data-connection="lost"]', 'Reconnecting');
  expect(await fan.page.locator('html').getAttribute('data-screen')).toBe('entering');
  server.script.claim = granted;
  server.script.shop = shop;
  await inShop();
});
