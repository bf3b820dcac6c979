// Following the line in real Chromium: pushes, fallbacks, losses, closes, and a page that never reloads in a loop.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { violationsInBothThemes } from './accessibility.ts';
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
  [server, fan] = await Promise.all([startLineServer(), openFan(browser)]);
});
afterEach(async () => {
  await fan.leave();
  await server.stop();
});

const open = (): Promise<unknown> => fan.page.goto(`${server.origin}/tickets?day=1`);
const pageLoads = (): number => server.requests.filter(request => request === 'GET /tickets?day=1').length;
const live = (): Promise<void> => seeText(fan.page, '#connection[data-connection="live"]', '');

const said = (): Promise<readonly string[]> => fan.page.evaluate('said');

test('[PG23] the number falls by push, without a reload', async () => {
  await open();
  await live();
  server.push({ ahead: 5_112 });
  await seeText(fan.page, '#value', '5,112');
  expect(await fan.page.title()).toBe('5,112 ahead – Summer Festival 2027');
  expect(pageLoads()).toBe(1);
});

test('[PG14] the line shows estimate, pace, last update and progress; whether it may be closed and until when; and why a number rose', async () => {
  await open();
  await live();
  const facts = fan.page.locator('#facts');
  await expect.poll(() => facts.innerText()).toMatch(/about 35 to 50 minutes[\s\S]*120 per minute[\s\S]*18204[A-Z]/);
  expect(await fan.page.locator('#connection').innerText()).toMatch(/^Live · updated \d+:\d\d:\d\d/);
  expect(await fan.page.locator('#closing').textContent()).toMatch(
    /your place is kept\. Be back by \d+:\d[05] [AP]M, .* called next\.$/,
  );
  expect(await fan.page.locator('#note').textContent()).toBe('Each device in line counts as one person.');
  server.push({ ahead: 4_065, etaSeconds: [400, 700] });
  await expect.poll(() => fan.page.locator('#progress').getAttribute('aria-valuenow')).toBe('25');
  expect(await fan.page.locator('#closing').textContent()).toBe('Keep this page open.');
  server.push({ ahead: 4_070 });
  await seeText(fan.page, '#note', 'Someone ahead of you has come back, so the number has risen.');
  server.push({ paused: true, etaSeconds: null });
  await seeScreen(fan.page, 'paused');
  await seeText(fan.page, '#facts', 'stands still for now');
  expect(await fan.page.locator('#closing').textContent()).toBe('If you close this page, your place is kept.');
});

test('[PG23] the ticking number is hidden from assistive technology, a status line speaks instead', async () => {
  await fan.page.addInitScript(recordSpeech);
  await open();
  await expect.poll(said).toEqual([expect.stringContaining('5,420 people ahead of you')]);
  server.push({ ahead: 5_419 });
  await seeText(fan.page, '[aria-hidden="true"] #value', '5,419');
  expect(await said()).toHaveLength(1);
});

test('[PG24] where sockets are blocked the event stream follows the line', async () => {
  server.script.sockets = 'refuse';
  server.script.polls = { code: 503 };
  await open();
  await server.waitForRequest(/events\?room=sale/);
  await live();
  server.push({ ahead: 77 });
  await seeText(fan.page, '#value', '77');
});

test('[PG24] where streams are blocked too, polling follows it', async () => {
  server.script.sockets = 'refuse';
  server.script.events = 'refuse';
  await open();
  await server.waitForRequest(/GET .*tickets\/current\?room=sale/);
  server.push({ ahead: 76 });
  await seeText(fan.page, '#value', '76');
});

test('[PG25] a cut connection keeps the last number on the screen and comes back by itself', async () => {
  await open();
  await live();
  server.script.sockets = 'refuse';
  for (const socket of server.sockets) socket.terminate();
  await seeText(fan.page, '#connection[data-connection="lost"]', 'Reconnecting');
  expect(await fan.page.locator('#value').textContent()).toBe('5,420');
  server.script.sockets = 'accept';
  await live();
  expect(pageLoads()).toBe(1);
});

test('[PG25] offline shows the last number with its age and the promise that the place is kept', async () => {
  await open();
  await live();
  await fan.page.context().setOffline(true);
  await seeScreen(fan.page, 'offline');
  await seeText(fan.page, '#lead', 'Your place is kept');
  await seeText(fan.page, '#connection', 'ago');
  expect(await fan.page.locator('#value').textContent()).toBe('5,420');
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  await fan.page.context().setOffline(false);
  await seeScreen(fan.page, 'waiting');
});

test('[PG9] a restarting server is met again after the jitter it gave', async () => {
  await open();
  await live();
  const before = server.requests.length;
  for (const socket of server.sockets) socket.close(4001, '300');
  await server.waitForRequest(/UPGRADE/, before);
  await live();
});

test('[PG9] a page that another tab took over stops quietly until the fan wants it', async () => {
  await open();
  await live();
  const before = server.requests.length;
  for (const socket of server.sockets) socket.close(4102, '');
  await seeScreen(fan.page, 'superseded');
  expect(server.requests.length).toBe(before);
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  await fan.page.getByRole('button', { name: 'Continue here' }).click();
  await seeScreen(fan.page, 'waiting');
  await live();
});

test('[PG9] a page whose event stream another tab took over stops as quietly', async () => {
  server.script.sockets = 'refuse';
  await open();
  // Polls are answered until the stream speaks.
  await expect.poll(() => server.streams.size, { timeout: 10_000 }).toBe(1);
  await live();
  const before = server.requests.length;
  for (const stream of server.streams) stream.end('retry: 100\nevent: superseded\ndata: {}\n\n');
  await seeScreen(fan.page, 'superseded');
  expect(server.requests.length).toBe(before);
});

test('[PG26] a refused ticket is exchanged by one navigation, never in a loop', async () => {
  await open();
  await live();
  const before = server.requests.length;
  for (const socket of server.sockets) socket.close(4101, '');
  await server.waitForRequest(/GET \/tickets\?day=1/, before);
  const upgrade = await server.waitForRequest(/UPGRADE/, before);
  await live();
  for (const socket of server.sockets) socket.close(4101, '');
  await seeScreen(fan.page, 'invalid');
  expect(server.requests.slice(upgrade + 1)).toEqual([]);
  expect(pageLoads()).toBe(2);
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  await fan.page.getByRole('button', { name: 'Get a new place' }).click();
  await seeScreen(fan.page, 'waiting');
});

test('[PG5] on a phone that is ten minutes slow the countdown to the start is right', async () => {
  await fan.page.addInitScript('{ const now = Date.now; Date.now = () => now() - 600_000; }');
  const startsAt = new Date(Date.now() + 95_000).toISOString();
  server.script.status = statusOf({ state: 'lobby', phase: 'lobby', place: null, ahead: null, startsAt });
  await open();
  await seeScreen(fan.page, 'lobby');
  expect(await fan.page.locator('#value').textContent()).toMatch(/^1:3[0-5]$/);
});

test('[PG27] the lobby becomes the line by push, in the same page', async () => {
  const startsAt = new Date(Date.now() + 60_000).toISOString();
  const before = { state: 'lobby', phase: 'lobby', place: null, ahead: null, etaSeconds: null, startsAt } as const;
  server.script.status = statusOf(before);
  await open();
  await seeScreen(fan.page, 'lobby');
  await live();
  server.push({ phase: 'open' });
  await seeScreen(fan.page, 'drawing');
  server.push({ state: 'waiting', place: 4_900, ahead: 4_900 });
  await seeText(fan.page, '#value', '4,900');
  expect(pageLoads()).toBe(1);
});

test('[PG11] a page that stands before the opening joins at the opening without a reload', async () => {
  const asOf = new Date().toISOString();
  const opensAt = new Date(Date.now() + 1_500).toISOString();
  server.script.notice = { kind: 'room-closed', asOf, opensAt };
  server.script.join = {
    code: 201,
    body: { room: 'sale', ticket: 'x', status: statusOf({ ahead: 3, etaSeconds: [5, 20] }) },
  };
  await open();
  await seeScreen(fan.page, 'closed');
  await seeScreen(fan.page, 'near');
  await live();
  expect(pageLoads()).toBe(1);
});

test('[PG21] while the shop is down the page looks for it politely and loads once it answers', async () => {
  server.script.notice = { kind: 'shop-trouble', retryAfterSeconds: 1 };
  await open();
  await seeScreen(fan.page, 'shop-trouble');
  server.script.shop = { code: 200, body: '<h1>Shop</h1>' };
  await fan.page.getByRole('heading', { name: 'Shop', exact: true }).waitFor();
  const asked = server.requests.filter(request => request.endsWith(' /tickets?day=1'));
  expect(asked.map(request => request.split(' ')[0])).toEqual(['GET', 'HEAD', 'GET']);
});

test('[PG28] leaving asks once, then gives up the place and stops', async () => {
  await open();
  await live();
  await fan.page.getByRole('button', { name: 'Leave the line' }).click();
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  await fan.page.getByRole('button', { name: 'Stay' }).click();
  expect(server.requests.some(request => request.startsWith('DELETE'))).toBe(false);
  await fan.page.getByRole('button', { name: 'Leave the line' }).click();
  await fan.page.getByRole('button', { name: 'Give up my place' }).click();
  await seeScreen(fan.page, 'left');
  expect(server.requests.at(-1)).toBe('DELETE /_junban/v1/tickets/current?room=sale');
});

test('[PG130] a browser that throws instead of opening a socket or a stream shows the place and follows by polling', async () => {
  await fan.page.addInitScript(
    'WebSocket = EventSource = class { constructor() { throw new DOMException("", "SecurityError"); } };',
  );
  server.script.status = statusOf({ next: 500 });
  await open();
  await seeScreen(fan.page, 'waiting');
  await live();
  server.push({ ahead: 5_100 });
  await seeText(fan.page, '#value', '5,100');
  expect(fan.errors).toEqual([]);
});

test('[PG150] leaving that nobody carries out keeps its question open and is not called live', async () => {
  await open();
  await live();
  await fan.page.route(/v1\/tickets\/current/, route => route.abort());
  await fan.page.getByRole('button', { name: 'Leave the line' }).click();
  await fan.page.getByRole('button', { name: 'Give up my place' }).click();
  await seeText(fan.page, '#connection[data-connection="lost"]', 'Reconnecting');
  expect(await fan.page.locator('#question').isVisible()).toBe(true);
  await fan.page.unroute(/v1\/tickets\/current/);
  await fan.page.getByRole('button', { name: 'Give up my place' }).click();
  await seeScreen(fan.page, 'left');
});

test('[PG132] a tab whose device left in another tab is not put back into the line by the network coming back', async () => {
  await open();
  await live();
  server.push({ state: 'left', ahead: null });
  await seeScreen(fan.page, 'left');
  const before = server.requests.length;
  await fan.page.evaluate('dispatchEvent(new Event("online"))');
  await fan.page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
  await fan.page.evaluate('fetch("/probe")');
  expect(server.requests.slice(before)).toEqual(['GET /probe']);
  await seeScreen(fan.page, 'left');
});

test('[PG134] a page at the end of the room follows it back to the sale', async () => {
  await open();
  await live();
  server.push({ state: 'ended', phase: 'ended', ahead: null, etaSeconds: null });
  await seeScreen(fan.page, 'ended');
  server.push({ state: 'waiting', phase: 'open', ahead: 12, etaSeconds: [300, 400] });
  await seeScreen(fan.page, 'waiting');
});

test('[PG2] the language chosen on the page is remembered', async () => {
  await open();
  await fan.page.getByLabel('Language').selectOption('ja');
  await fan.page.getByRole('heading', { name: '順番にご案内しています' }).waitFor();
  await open();
  expect(await fan.page.locator('html').getAttribute('lang')).toBe('ja');
});

test('[PG6] progress goes on where it was after a reload', async () => {
  await open();
  await live();
  server.push({ ahead: 2_710 });
  await seeText(fan.page, '#value', '2,710');
  await fan.page.reload();
  await seeScreen(fan.page, 'waiting');
  expect(await fan.page.locator('#progress').getAttribute('aria-valuenow')).toBe('50');
});
