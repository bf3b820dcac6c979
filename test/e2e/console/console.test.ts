// The console in a real browser on a real gateway: several operators at once, roles, rooms and tokens made by it, and what
// it says while the gateway is away or the login is over; at a desk and on a phone; axe finds nothing.

import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, type Phone } from '../../support/browser.ts';
import { violationsInBothThemes } from '../page/accessibility.ts';
import { isSameDocument, markDocument, openStage, room, type Stage } from '../story/stage.ts';
import {
  go,
  logIn,
  type Operator,
  openRoom,
  openSwitches,
  opsToken,
  press,
  sayYes,
  seeFigure,
  sitDown,
  turn,
} from './operator.ts';

let browser: Browser;
let stage: Stage;
let secretFile: string;
let admin: Operator;
const machines: Phone[] = [];

beforeAll(async () => {
  secretFile = join(tmpdir(), `junban-webhook-secret-${process.pid}`);
  writeFileSync(secretFile, `whsec_${Buffer.alloc(32, 7).toString('base64')}`, { mode: 0o600 });
  stage = await openStage({ activeCap: 50 }, { webhooks: [{ url: 'http://127.0.0.1:9/hook?key=x', secretFile }] });
  browser = await launchBrowser();
  admin = await sitDown(browser, opsUrl());
  await logIn(admin.page);
});
afterAll(async () => {
  await browser?.close();
  await stage?.stop();
  rmSync(secretFile, { force: true });
});
afterEach(async () => {
  for (const { context } of machines.splice(0)) await context.close();
  expect(admin.machine.errors).toEqual([]);
});

const opsUrl = () => `http://127.0.0.1:${stage.gateway.opsPort}`;
const report = () => stage.gateway.operate('GET', room);

async function another(token?: string): Promise<Page> {
  const { page, machine } = await sitDown(browser, opsUrl());
  machines.push(machine);
  await logIn(page, token);
  return page;
}

test('[OP78] is one page of at most 150 KB that asks nobody else, and a wrong token gets a reason', async () => {
  const answer = await request(opsUrl(), { headers: { accept: 'text/html' } });
  expect((await answer.body.bytes()).byteLength).toBeLessThan(150 * 1024);
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  const { page, machine } = await sitDown(browser, opsUrl());
  machines.push(machine);
  expect(await violationsInBothThemes(page)).toEqual([]);
  await page.getByLabel('Ops token').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('This is no ops token').waitFor();
  await logIn(page);
  await page.getByRole('heading', { name: 'Rooms' }).waitFor();
  expect([...machine.origins]).toEqual([opsUrl()]);
  expect(machine.errors).toEqual([]);
});

test('[OP175] two operators at once: the second is shown both values, and decides anew', async () => {
  const [one, other] = [admin.page, await another()];
  await Promise.all([openRoom(one, room), openRoom(other, room)]);
  await openSwitches(one, 'Active cap', 'Stock');
  await openSwitches(other, 'Active cap', 'Stock');
  await one.getByLabel('Item', { exact: true }).fill('Adult');
  await one.getByLabel(/^Devices inside/).fill('10');
  await press(one, 'Set the cap…');
  await other.getByLabel(/^Devices inside/).fill('20');
  await turn(other, 'Set the cap…');
  await one.locator('dialog button[type=submit]').click();
  const words = one.locator('.conflict');
  await words.waitFor();
  expect(await words.textContent()).toMatch(/Active cap: was 50, is 20 now.*Yours: Set the cap to 10.*50 → 20/);
  expect(await report()).toMatchObject({ activeCap: 20 });
  await one.getByRole('button', { name: 'Leave it' }).click();
  await seeFigure(one, 'Inside', '0 / 20');
  await press(one, 'Set the cap…');
  await sayYes(one);
  expect(await report()).toMatchObject({ activeCap: 10 });

  // A form that was begun before does not overwrite what came meanwhile without saying so.
  await other.getByLabel('Item', { exact: true }).fill('Child');
  await other.getByLabel('Left', { exact: true }).fill('3');
  await turn(other, 'Tell the stock…');
  await one.getByRole('alert').getByText('Somebody else has told this meanwhile: Child 3').waitFor();
  expect(await press(one, 'Tell the stock…')).toContain('Until now it was told: Child 3');
  await one.getByRole('button', { name: 'Leave it' }).click();
  await one.getByRole('button', { name: 'Take theirs' }).click();
  expect(await one.getByLabel('Item', { exact: true }).inputValue()).toBe('Child');
});

test('[OP170] a room is made, changed, started, ended and taken away by the console', async () => {
  const { page } = admin;
  await go(page, '');
  await page.getByRole('link', { name: 'New room…' }).click();
  await page.getByLabel('Name of the room').fill('autumn');
  await page.getByLabel('Origin of the shop').fill(stage.shop.url);
  await page.getByLabel(/^Paths/).fill('/autumn, /herbst');
  await page.getByLabel('Sale starts').fill('2030-05-09T10:00:00');
  await page.getByLabel(/^All other keys/).fill('{ "graceTime": "2 parsecs" }');
  expect(await press(page, 'Make the room…')).toContain('for every host, /autumn, /herbst');
  await page.locator('dialog button[type=submit]').click();
  await page.getByRole('alert').getByText('graceTime').waitFor();
  await page.getByRole('button', { name: 'Leave it' }).click();
  await page.getByLabel(/^All other keys/).fill('{ "graceTime": "2s" }');
  await turn(page, 'Make the room…');
  await page.locator('h1', { hasText: 'autumn' }).waitFor();
  // The browser stands in Tokyo.
  expect(await stage.gateway.operate('GET', 'autumn')).toMatchObject({ startsAt: '2030-05-09T01:00:00.000Z' });

  await page.getByRole('link', { name: 'Configuration' }).click();
  await page.getByLabel('Pace, devices a minute').fill('120');
  const others = {
    shop: stage.shop.url,
    match: { paths: ['/autumn'] },
    startsAt: '2030-05-09T01:00:00Z',
    activeCap: 7,
  };
  await request(`${opsUrl()}/api/v1/configuration/rooms/autumn`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${opsToken}` },
    body: JSON.stringify({ configuration: others }),
  });
  await page.getByRole('button', { name: 'Change the room…' }).click();
  await page.getByRole('alert').getByText('"activeCap":7').waitFor();
  expect(await turn(page, 'Change the room…')).toContain('close the room and open it again');
  await expect.poll(() => stage.gateway.operate('GET', 'autumn')).toMatchObject({ pacePerMinute: 120, activeCap: 500 });

  await page.locator('h1', { hasText: 'autumn' }).waitFor();
  await openSwitches(page, 'Start and end');
  expect(await turn(page, 'Start the sale…')).toContain('cannot be taken back');
  await turn(page, 'End the room…');
  await page.getByRole('link', { name: 'Configuration' }).click();
  await turn(page, 'Take the room away…');
  await page.getByRole('heading', { name: 'Rooms' }).waitFor();
  await page.getByRole('link', { name: 'autumn' }).waitFor({ state: 'detached' });
});

test('[OP179] the figure that a draw waits for is entered in the console', async () => {
  const { page } = admin;
  const named = 'The closing value of the index';
  const configuration = {
    ...{ shop: stage.shop.url, match: { paths: ['/drawn'] }, draw: { randomness: { kind: 'figure', named } } },
    ...{ opensAt: '2026-01-01T00:00:00Z', startsAt: '2099-01-01T00:00:00Z' },
  };
  await request(`${opsUrl()}/api/v1/configuration/rooms/drawn`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${opsToken}` },
    body: JSON.stringify({ configuration }),
  });
  await expect.poll(() => stage.gateway.operate('GET', 'drawn')).toMatchObject({ phase: 'lobby' });
  // Where nobody was drawn nothing is awaited.
  const joined = await request(`${stage.gateway.url}/_junban/v1/tickets?room=drawn`, { method: 'POST' });
  await joined.body.dump();
  await stage.gateway.operate('PUT', 'drawn/phase', { phase: 'open' });
  await openRoom(page, 'drawn');
  await page.locator('.notices', { hasText: `the figure that was announced (${named})` }).waitFor();
  await page.getByLabel(named).fill(' 39,141.58 ');
  expect(await turn(page, 'Enter the figure…')).toContain('The draw is made with “39,141.58”');
  await page.getByLabel(named).waitFor({ state: 'detached' });
  expect(await stage.gateway.operate('GET', 'drawn')).toMatchObject({
    draw: { revealedWith: 'figure', fellBack: false },
  });
});

test('[OP180] webhooks show what became of their messages, and the log level is set for all gateways', async () => {
  const { page } = admin;
  await go(page, 'gateway');
  const webhook = page.locator('section[aria-labelledby=webhooks] .card');
  let isSoldOut = false;
  const turnStock = async () => {
    isSoldOut = !isSoldOut;
    const items = isSoldOut ? [{ name: 'Adult', remaining: 0 }] : null;
    await stage.gateway.operate('PUT', `${room}/stock`, { items });
    return webhook.textContent();
  };
  // What begins and ends between two looks at the room is told to nobody.
  await expect.poll(turnStock, { interval: 1_500, timeout: 30_000 }).toContain('Last failure: the address is private');
  expect(await webhook.textContent()).not.toContain('key=x');
  await page.getByLabel('Log what is at least').selectOption('silent');
  expect(await turn(page, 'Set the log level…')).toContain('Warnings are then lost');
  await page.locator('#log .tag', { hasText: 'silent' }).waitFor();
  await page.getByLabel('Log what is at least').selectOption('info');
  await turn(page, 'Set the log level…');
  await page.getByText('As in the configuration.').waitFor();
});

test('[OP173, OP171] a login that ends is said at once; after the next one all is as it was, and what the role allows', async () => {
  const { page } = admin;
  const make = async (role: string): Promise<string> => {
    await go(page, 'tokens');
    await page.getByLabel('Name').fill('guest');
    await page.getByLabel('Role').selectOption(role);
    await turn(page, 'Make the token…');
    const token = await page.getByLabel(/^It is shown this once/).inputValue();
    await page.getByRole('button', { name: 'I have it' }).click();
    return token;
  };
  const guest = await another(await make('operator'));
  await openRoom(guest, room);
  await openSwitches(guest, 'Active cap');
  await guest.getByLabel(/^Devices inside/).fill('33');
  await markDocument(guest);
  await turn(page, 'Revoke…');
  await guest.getByRole('heading', { name: 'Log in again' }).waitFor();
  expect(await violationsInBothThemes(guest)).toEqual([]);
  await logIn(guest, await make('operator'));
  expect(await guest.getByLabel(/^Devices inside/).inputValue()).toBe('33');
  await turn(guest, 'Set the cap…');
  expect(await report()).toMatchObject({ activeCap: 33 });

  // The same name as a viewer ends the operator's login.
  const token = await make('viewer');
  await guest.getByRole('heading', { name: 'Log in again' }).waitFor();
  await logIn(guest, token);
  expect(await isSameDocument(guest)).toBe(true);
  await seeFigure(guest, 'Inside', '0 / 33');
  await openSwitches(guest, ...(await guest.locator('.panel h3').allTextContents()));
  expect(await guest.getByRole('button').allTextContents()).toEqual(['Log out', 'Find the ticket']);
  for (const place of ['', 'trail', 'gateway', `room/${room}/configuration`, 'tokens', 'new-room']) {
    await go(guest, place);
    await guest.locator('h1').waitFor();
    const buttons = await guest.getByRole('button').allTextContents();
    expect([place, buttons.filter(name => name !== 'Log out')]).toEqual([place, []]);
  }
});

test('[OP172] while the gateway is silent or gone the console says so, and goes on by itself', async () => {
  const { page } = admin;
  await openRoom(page, room);
  await markDocument(page);
  const lost = page.getByRole('alert').getByText('The gateway does not answer. What you see is of');
  const live = page.locator('header .tag', { hasText: 'live' });
  stage.gateway.freeze();
  await lost.waitFor();
  expect(await page.title()).toContain('(!) not connected');
  stage.gateway.resume();
  await live.waitFor();
  await stage.gateway.kill();
  await lost.waitFor();
  await press(page, 'Pause the room…');
  await page.locator('dialog button[type=submit]').click();
  await page.getByRole('alert').getByText('Whether this was done is not known').waitFor();
  await page.getByRole('button', { name: 'Leave it' }).click();
  await stage.gateway.restart();
  await live.waitFor();
  await lost.waitFor({ state: 'detached' });
  await seeFigure(page, 'Inside', `0 / ${(await report())['activeCap']}`);
  expect(await isSameDocument(page)).toBe(true);
  expect(await report()).toMatchObject({ paused: false });
});

test.each([
  ['desk', { width: 1280, height: 900 }],
  ['phone', { width: 360, height: 740 }],
])('[OP80] on a %s nothing sticks out, and axe finds nothing', async (name, viewport) => {
  const { page } = admin;
  await page.setViewportSize(viewport);
  const look = async (what: string) => {
    expect([what, await violationsInBothThemes(page)]).toEqual([what, []]);
    expect([what, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([what, 0]);
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/console-${name}-${what}.png`, fullPage: true });
  };
  await go(page, '');
  await page.getByRole('heading', { name: 'Rooms' }).waitFor();
  await look('rooms');
  await openRoom(page, room);
  const titles = await page.locator('.panel h3').allTextContents();
  await openSwitches(page, ...titles);
  await page.locator('.chart canvas').first().waitFor({ timeout: 30_000 });
  await look('room');
  await press(page, 'Pause the room…');
  await look('question');
  await page.getByRole('button', { name: 'Leave it' }).click();
  for (const place of ['trail', 'gateway', 'tokens', 'new-room']) {
    await go(page, place);
    await page.locator('h1').waitFor();
    await look(place);
  }
});
