// A rehearsal in a real browser on a real gateway: an operator lives through a sale whose shop breaks, by the console only;
// what it shows is what the API says.

import type { Browser, Page } from 'playwright-core';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ticketCode } from '../../../src/page/ticket-code.ts';
import { launchBrowser } from '../../support/browser.ts';
import { openStage, type Rival, room, type Stage } from '../story/stage.ts';
import { logIn, type Operator, openRoom, openSwitches, seeFigure, sitDown, turn } from './operator.ts';

let browser: Browser;
let stage: Stage;
let operator: Operator;
let rivals: readonly Rival[];
let askShop: () => Promise<string>;

beforeAll(async () => {
  stage = await openStage({ pacePerMinute: 1, activeCap: 50, autopilot: { errorSignatures: [{ body: 'M941' }] } });
  browser = await launchBrowser();
  askShop = await visitor();
  rivals = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => stage.join()));
  operator = await sitDown(browser, opsUrl());
  await logIn(operator.page);
});
afterAll(async () => {
  await browser?.close();
  await stage?.stop();
});

const opsUrl = () => `http://127.0.0.1:${stage.gateway.opsPort}`;
const report = () => stage.gateway.operate('GET', room);

/** Lets a device in, and gives what asks the shop with its pass. */
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

/** The API's numbers as the console writes them. */
async function seeApi(page: Page): Promise<void> {
  const shown = async () => {
    const parts = await page.locator('.figures > div').allTextContents();
    return parts.filter(part => !/^(?:Let in|Joins)[\d–]/.test(part));
  };
  const expected = async () => {
    const is = await report();
    return [
      `In line${is['waiting']}`,
      `Called${is['called']}`,
      `Inside${is['active']} / ${is['activeCap']}`,
      `Pace${is['pacePerMinute']}/min`,
      `Present${is['present']}`,
      `Missed a call${is['missed']}`,
      `May come back${is['comebacks']}`,
      `Not claimed${Math.round(Number(is['noShowShare']) * 1_000) / 10} % of calls`,
      `Let in, ever${is['admitted']}`,
      `No-shows, ever${is['noShows']}`,
      `Handed out${is['handedOut']}`,
    ];
  };
  const others = async () => {
    const [is, should] = await Promise.all([shown(), expected()]);
    return { missing: should.filter(each => !is.includes(each)), wrong: is.filter(each => !should.includes(each)) };
  };
  await expect.poll(others, { timeout: 5_000 }).toEqual({ missing: [], wrong: [] });
}

test('[OP177, OP79] the sale begins: the numbers are those of the API, and a fan who calls is found and let in', async () => {
  const { page } = operator;
  await openRoom(page, room);
  await seeFigure(page, 'In line', '8');
  await seeFigure(page, 'Inside', '1 / 50');
  await seeApi(page);

  const [rival] = rivals.slice(-1);
  const code = ticketCode(rival?.number ?? 0);
  await openSwitches(page, 'Find a fan');
  await page.getByLabel(/^Ticket code/).fill(code.replace(/.$/, letter => (letter === 'T' ? 'R' : 'T')));
  await page.getByRole('button', { name: 'Find the ticket' }).click();
  await page.getByRole('alert').getByText('do not belong together').waitFor();
  await page.getByLabel(/^Ticket code/).fill(code.toLowerCase());
  await page.getByRole('button', { name: 'Find the ticket' }).click();
  await page.locator('.found', { hasText: `${code} waits in line` }).waitFor();
  expect(await turn(page, 'Let in now…')).toContain('ahead of 7 devices');
  await rival?.called;
  await page.locator('.found', { hasText: `${code} is called` }).waitFor();
  await seeFigure(page, 'In line', '7');
});

test('[OP174, OP79] the shop says M941: it is seen, told to the line in two languages, and nobody more is let in', async () => {
  const { page } = operator;
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
  expect(await page.title()).toBe('(!) sale: shop failing – sale – Junban');
  expect(await turn(page, 'Pause the room…', 'M941 at the till')).toContain('7 devices keep waiting');
  expect(await report()).toMatchObject({ paused: true, shopFailing: true, waiting: 7 });

  await openSwitches(page, 'Message to the line');
  await page.getByLabel('English (en)', { exact: true }).fill('Payment is being repaired. <b>Your place is safe.</b>');
  await page.getByLabel('Add a language').selectOption('ja');
  await page.getByLabel('Japanese (ja)', { exact: true }).fill('決済を修復しています。順番はそのままです。');
  const preview = page.frameLocator('.preview iframe');
  await preview.locator('html[lang=ja]').getByText('決済を修復しています。順番はそのままです。').first().waitFor();
  await page.getByLabel('English (en)', { exact: true }).focus();
  await preview.locator('html[lang=en]').getByText('<b>Your place is safe.</b>').first().waitFor();
  await turn(page, 'Show the message…');
  expect(await report()).toMatchObject({ messages: { ja: '決済を修復しています。順番はそのままです。' } });
  await page.locator('.notices', { hasText: '“決済を修復しています。順番はそのままです。” (ja)' }).waitFor();
});

test('[OP176, OP79] the shop is mended: the line goes on, faster, as the forecast said, with the autopilot as adviser', async () => {
  const { page } = operator;
  await stage.lab('fail', { on: false });
  await page.getByLabel(/^Devices a minute/).fill('600');
  await page.locator('.forecast', { hasText: 'the line would be empty at' }).waitFor();
  expect(await turn(page, 'Set the pace…')).toContain('instead of 1');

  await openSwitches(page, 'Autopilot');
  await page.getByLabel(/^shadow/).check();
  await page.getByLabel(/^Lowest pace/).fill('700');
  await page.getByLabel(/^Highest pace/).fill('650');
  expect(await page.getByRole('button', { name: 'Set the autopilot…' }).isDisabled()).toBe(true);
  await page.getByLabel(/^Lowest pace/).fill('60');
  await page.getByLabel(/^Highest pace/).fill('900');
  await page.getByLabel(/^Target in ms/).fill('500');
  expect(await page.getByLabel(/^Learn from the shop/).isChecked()).toBe(false);
  expect(await turn(page, 'Set the autopilot…')).toContain('Bounds 60 to 900 a minute (now 60 to 6,000)');
  expect(await report()).toMatchObject({
    autopilot: { mode: 'shadow', minPerMinute: 60, maxPerMinute: 900, latencyTargetMs: 500 },
  });
  await page.locator('.thinks').waitFor();

  await turn(page, 'End the pause…');
  await turn(page, 'Take it away…');
  await Promise.all(rivals.map(({ called }) => called));
  await seeFigure(page, 'In line', '0');
  await seeFigure(page, 'Called', '8');
  expect(await report()).toMatchObject({ waiting: 0, called: 8, pacePerMinute: 600, message: null });
  await seeApi(page);
});

test('[OP79] it is sold out and over, and the trail has every deed once', async () => {
  const { page, machine } = operator;
  await openSwitches(page, 'Stock', 'Start and end', 'As configured');
  await page.getByLabel('Item', { exact: true }).fill('Adult');
  await page.getByLabel('Left', { exact: true }).fill('0');
  expect(await turn(page, 'Tell the stock…')).toContain('sold out: Adult');
  expect(await turn(page, 'Pace: Back to the configuration…')).toContain('Pace becomes 1 instead of 600');
  expect(await turn(page, 'End the room…')).toContain('Nobody can join any more');
  await page.locator('h1 .tag', { hasText: 'ended' }).waitFor();
  const trail = page.locator('section[aria-labelledby=audit] .trail li');
  await trail.first().getByText('changed the phase').waitFor();
  expect(await trail.allTextContents()).toEqual([
    expect.stringContaining('open → ended'),
    expect.stringContaining('set the pace600 → 1'),
    expect.stringContaining('nothing → Adult 0'),
    expect.stringContaining('“Payment is being repaired. <b>Your place is safe.</b>” (en)'),
    expect.stringContaining('ended the pause'),
    expect.stringContaining('mode off → shadow; maxPerMinute 6,000 → 900; latencyTargetMs nothing → 500'),
    expect.stringContaining('set the pace1 → 600'),
    expect.stringContaining('changed the message'),
    expect.stringContaining('Why: M941 at the till'),
    expect.stringMatching(/let tickets in\d+[A-Z]$/),
  ]);
  expect(machine.errors).toEqual([]);
  expect([...machine.origins]).toEqual([opsUrl()]);
});
