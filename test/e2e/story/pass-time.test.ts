// The script that a shop may put on its pages, in real Chromium on a page with a strict content policy and rude styles:
// time left, more of it, the shop's trouble, the end; by keyboard, for a screen reader, without a trace on the page.

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPhone, type Phone } from '../../support/browser.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { violationsInBothThemes } from '../page/accessibility.ts';
import { isSameDocument, markDocument } from './stage.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";
const rudeStyles =
  'html{font-size:40px}*{letter-spacing:9px!important;opacity:.99!important;transform:none!important}' +
  'body{margin:0;display:grid;gap:30px;background:#fff;color:#111}div,span,button{border:20px solid red;padding:30px}' +
  'html>*{margin:40px!important;position:static!important}';

const pageOf = (path: string): string => {
  const [, room = '', rest = ''] = path.split('/');
  const named = ['ja', 'he'].includes(rest) ? `&amp;language=${rest}` : '';
  const script = rest === 'plain' ? '' : `<script src="/_junban/v1/pass-time.js?room=${room}${named}" async></script>`;
  return `<!doctype html><html lang="en"><head><title>Seats</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/${room}/shop.css">${script}</head>
<body><main><h1>Seats</h1><button id="buy">Buy</button></main><footer>The shop</footer></body></html>`;
};

let shop: RecordingShop;
let gateway: GatewayProcess;
let browser: Browser;
let phone: Phone;
let page: Page;

beforeAll(async () => {
  shop = await RecordingShop.start();
  shop.answer = ({ url }) =>
    url.endsWith('.css')
      ? { status: 200, headers: { 'content-type': 'text/css' }, body: rudeStyles }
      : {
          status: 200,
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
          body: pageOf(url),
        };
  const room = (id: string, pass: object) => ({ id, shop: shop.url, match: { paths: [`/${id}`] }, pass });
  gateway = await GatewayProcess.start({
    rooms: [room('long', { idle: '122s' }), room('short', { idle: '4s' }), room('last', { idle: '1m', max: '1m' })],
  });
  browser = await launchBrowser();
  phone = await openPhone(browser);
  page = await phone.openTab();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.remove();
  await shop?.close();
});
afterEach(() => expect(phone.errors).toEqual([]));

const box = () => page.getByRole('region', { name: 'Time in the shop' });
const more = () => page.getByRole('button', { name: 'Stay longer' });
const see = (words: RegExp) => box().getByText(words).waitFor({ timeout: 15_000 });
const hear = (words: string) =>
  expect.poll(() => page.getByRole('status').textContent(), { timeout: 15_000 }).toBe(words);
/** What happens by itself within ten seconds happens at once when the fan comes back to the tab. */
const comeBack = () => page.evaluate("void document.dispatchEvent(new Event('visibilitychange'))");

const shadow = "document.querySelector('junban-pass-time').shadowRoot";
const layout = `JSON.stringify([...document.querySelectorAll('body, body *')].map(element => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [element.tagName, x, y, width, height, getComputedStyle(element).cssText];
}))`;

test('[PS103] the page of the shop is as it would be without the script, and the script as it would be without its styles', async () => {
  await page.goto(`${gateway.url}/long/plain`);
  const plain = await page.evaluate(layout);
  await page.goto(`${gateway.url}/long/seats`);
  await see(/ends in 1:/);
  expect(await page.evaluate(layout)).toBe(plain);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  const own = await page.evaluate(
    `(({ fontSize, letterSpacing, borderTopWidth }) => [fontSize, letterSpacing, borderTopWidth])(getComputedStyle(${shadow}.querySelector('[role=region]')))`,
  );
  expect(own).toEqual(['16px', 'normal', '1px']);
  expect(await violationsInBothThemes(page)).toEqual([]);
});

test('[PS101] the keyboard alone makes the time longer, and is then where it was', async () => {
  await page.locator('#buy').focus();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(`${shadow}.activeElement?.textContent`)).toBe('Stay longer');
  await page.keyboard.press('Enter');
  await hear('You can stay longer: 2 minutes more.');
  expect(await box().isVisible()).toBe(false);
  expect(await page.evaluate('document.activeElement.id')).toBe('buy');
});

test('[PS100] nothing is shown until two minutes before the end; then the time left, spoken by the minute', async () => {
  await see(/^Your time in the shop ends in 1:59\.$/);
  await hear('Your time in the shop ends in 2 minutes.');
  await see(/^Your time in the shop ends in 1:58\.$/);
  await hear('Your time in the shop ends in 2 minutes.');
  await more().click();
  await box().waitFor({ state: 'hidden' });
  await hear('You can stay longer: 2 minutes more.');
});

test('[PS102] while the shop fails it says that the time stands still', async () => {
  await see(/ends in 1:/);
  await gateway.operate('PUT', 'long/shop', { failing: true });
  await comeBack();
  await see(/^The shop has trouble\. Your time stands still\.$/);
  await hear('The shop has trouble. Your time stands still.');
  expect(await more().isVisible()).toBe(false);
  await gateway.operate('PUT', 'long/shop', { failing: false });
  await comeBack();
  await see(/ends in 1:/);
});

test('[PS102] at the end it says so and leaves the page as it is', async () => {
  await page.goto(`${gateway.url}/short/seats`);
  await markDocument(page);
  await see(/ends in 0:0\d/);
  await see(/^Your time in the shop is over\. Load the page to go on\.$/);
  expect(await more().isVisible()).toBe(false);
  expect(await isSameDocument(page)).toBe(true);
  await page.reload();
  await see(/ends in 0:0\d/);
});

test('[PS100] [PS141] what cannot be made longer is said to be so, in the language that the page names', async () => {
  await page.goto(`${gateway.url}/last/ja`);
  await page
    .getByRole('region', { name: 'ご利用時間' })
    .getByText(/^ご利用時間はあと 0:\d\d です。延長はできません。$/)
    .waitFor();
  expect(await page.getByRole('button', { name: '延長する' }).isVisible()).toBe(false);
});

test('[PS141] in a language from right to left the box is so too', async () => {
  await page.goto(`${gateway.url}/last/he`);
  const hebrew = page.getByRole('region', { name: 'הזמן בחנות' });
  await hebrew.getByText(/^הזמן שנותר לכם בחנות: 0:\d\d\./).waitFor();
  expect(await page.evaluate(`getComputedStyle(${shadow}.querySelector('[role=region]')).direction`)).toBe('rtl');
  expect(await page.evaluate('getComputedStyle(document.body).direction')).toBe('ltr');
});
