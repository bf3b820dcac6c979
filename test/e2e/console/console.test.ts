// The console in a real browser on a real gateway: an operator lives through a sale whose shop breaks, by the console
// only; what it shows is what the API says; two operators do not overwrite each other; desk and phone; axe finds nothing.

import type { Browser, Page } from 'playwright-core';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, openPhone, type Phone } from '../../support/browser.ts';
import { violationsInBothThemes } from '../page/accessibility.ts';
import { openStage, room, type Stage } from '../story/stage.ts';

const opsToken = 'a-token-of-the-tests';
const desk = { viewport: { width: 1280, height: 900 }, timezoneId: 'Asia/Tokyo' };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

let stage: Stage;
let machines: Phone[];
beforeEach(async () => {
  machines = [];
  stage = await openStage({ pacePerMinute: 1, activeCap: 50, autopilot: { errorSignatures: [{ body: 'M941' }] } });
});
afterEach(async () => {
  for (const { context } of machines) await context.close();
  await stage.stop();
});

const opsUrl = () => `http://127.0.0.1:${stage.gateway.opsPort}`;

async function logIn(options: object = desk): Promise<{ readonly page: Page; readonly machine: Phone }> {
  const machine = await openPhone(browser, options);
  machines.push(machine);
  const page = await machine.openTab();
  await page.goto(opsUrl());
  await page.getByLabel('Ops token').fill(opsToken);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Rooms' }).waitFor();
  return { page, machine };
}

async function openRoom(page: Page): Promise<void> {
  await page.getByRole('link', { name: room, exact: true }).click();
  await page.getByRole('heading', { name: 'Switches' }).waitFor();
}

const figure = (page: Page, label: string) =>
  page
    .locator('section[aria-labelledby="now"] .figures > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) })
    .locator('dd');

const seeFigure = (page: Page, label: string, value: string) =>
  expect.poll(() => figure(page, label).textContent(), { timeout: 10_000 }).toBe(value);

/** Presses a switch and says yes to its question; gives the question's words. */
async function turn(page: Page, name: string | RegExp, reason = ''): Promise<string> {
  await page.getByRole('button', { name }).click();
  const dialog = page.locator('dialog');
  await dialog.waitFor();
  const words = (await dialog.locator('p').first().textContent()) ?? '';
  if (reason !== '') await dialog.getByLabel(/^Why/).fill(reason);
  await dialog.locator('button').last().click();
  await dialog.waitFor({ state: 'detached' });
  return words;
}

const report = () => stage.gateway.operate('GET', room);

/** Lets a device in by the API, and gives what asks the shop with its pass. */
async function visitor(): Promise<() => Promise<string>> {
  const first = await request(`${stage.gateway.url}/`, {
    headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' },
  });
  await first.body.dump();
  const cookie = [first.headers['set-cookie'] ?? []]
    .flat()
    .map(line => line.split(';')[0])
    .join('; ');
  return async () => (await request(`${stage.gateway.url}/`, { headers: { cookie } })).body.text();
}

describe('the console', () => {
  test('[OP79] an operator lives through the sale of M941 by the console only', async () => {
    const askShop = await visitor();
    const rivals = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => stage.join()));
    const { page, machine } = await logIn();
    await openRoom(page);
    await seeFigure(page, 'In line', '8');
    await seeFigure(page, 'Inside', '1 / 50');

    // The shop says M941 to everybody inside: it is seen, told to the line, and nobody more is let in.
    await stage.lab('fail', { on: true });
    await expect
      .poll(
        async () => {
          await Promise.all(Array.from({ length: 6 }, askShop));
          return page.locator('h1 .tag').textContent();
        },
        { timeout: 20_000 },
      )
      .toBe('shop failing');
    expect(await turn(page, 'Pause…', 'M941 at the till')).toContain('8 devices keep waiting');
    await seeFigure(page, 'In line', '8');
    expect(await report()).toMatchObject({ paused: true, shopFailing: true });
    await page.getByLabel('Text (en)').fill('Payment is being repaired. <b>Your place is safe.</b>');
    await page.getByLabel('Add a language').selectOption('ja');
    await page.getByLabel('Text (ja)').fill('決済を修復しています。順番はそのままです。');
    expect(await page.locator('.preview').textContent()).toContain('<b>Your place is safe.</b>');
    await turn(page, 'Show the message…');
    expect(await report()).toMatchObject({ messages: { ja: '決済を修復しています。順番はそのままです。' } });

    // It is mended: the line goes on, faster, as the forecast said.
    await stage.lab('fail', { on: false });
    await page.getByLabel(/^Devices a minute/).fill('600');
    await page.locator('.forecast', { hasText: 'the line would be empty at' }).waitFor();
    expect(await turn(page, 'Set the pace…')).toContain('instead of 1');
    await turn(page, 'End the pause…');
    await turn(page, 'Take it away…');
    await Promise.all(rivals.map(({ called }) => called));
    await seeFigure(page, 'In line', '0');
    await seeFigure(page, 'Called', '8');
    expect(await report()).toMatchObject({ waiting: 0, called: 8, pacePerMinute: 600, message: null });

    // It is sold out, and over.
    await page.getByLabel('Item').fill('Adult');
    await page.getByLabel(/^Left/).fill('0');
    expect(await turn(page, 'Tell the stock…')).toContain('sold out: Adult');
    expect(await turn(page, 'End the room…')).toContain('Nobody can join any more');
    await page.locator('h1 .tag', { hasText: 'ended' }).waitFor();
    const trail = page.locator('.audit li');
    await trail.first().getByText('changed the phase').waitFor();
    expect(await trail.allTextContents()).toEqual([
      expect.stringContaining('changed the phase'),
      expect.stringContaining('changed the stock'),
      expect.stringContaining('changed the message'),
      expect.stringContaining('ended the pause'),
      expect.stringContaining('set the pace'),
      expect.stringContaining('changed the message'),
      expect.stringContaining('Why: M941 at the till'),
    ]);
    expect(machine.errors).toEqual([]);
    expect([...machine.origins]).toEqual([opsUrl()]);
  });

  test('[OP73] two operators at once: the second is told, and nothing is overwritten unseen', async () => {
    const [one, other] = [await logIn(), await logIn()];
    await Promise.all([openRoom(one.page), openRoom(other.page)]);
    await one.page.getByLabel(/^Devices inside/).fill('10');
    await one.page.getByRole('button', { name: 'Set the cap…' }).click();
    await other.page.getByLabel(/^Devices inside/).fill('20');
    await turn(other.page, 'Set the cap…');
    await one.page.locator('dialog button').last().click();
    await one.page.getByRole('alert').getByText('Somebody else steered this room').waitFor();
    expect(await report()).toMatchObject({ activeCap: 20 });
    await one.page.locator('dialog').getByRole('button', { name: 'Leave it' }).click();
    await seeFigure(one.page, 'Inside', '0 / 20');
  });

  test.each([
    ['desk', desk],
    ['phone', { viewport: { width: 360, height: 740 } }],
  ])('[OP80] on a %s nothing sticks out, and axe finds nothing', async (name, options) => {
    for (const _ of [1, 2]) await stage.join();
    const { page, machine } = await logIn(options);
    expect(await violationsInBothThemes(page)).toEqual([]);
    await openRoom(page);
    await seeFigure(page, 'In line', '1');
    expect(await violationsInBothThemes(page)).toEqual([]);
    await page.getByRole('button', { name: 'Pause…' }).click();
    await page.locator('dialog').waitFor();
    expect(await violationsInBothThemes(page)).toEqual([]);
    await page.getByRole('button', { name: 'Leave it' }).click();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/console-${name}.png`, fullPage: true });
    expect(machine.errors).toEqual([]);
  });

  test('[OP78] is one page of at most 150 KB that asks nobody else, and a wrong token gets a reason', async () => {
    const answer = await request(opsUrl(), { headers: { accept: 'text/html' } });
    expect((await answer.body.bytes()).byteLength).toBeLessThan(150 * 1024);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    const machine = await openPhone(browser, desk);
    machines.push(machine);
    const page = await machine.openTab();
    await page.goto(opsUrl());
    expect(await violationsInBothThemes(page)).toEqual([]);
    await page.getByLabel('Ops token').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('This is no ops token').waitFor();
    expect([...machine.origins]).toEqual([opsUrl()]);
  });
});
