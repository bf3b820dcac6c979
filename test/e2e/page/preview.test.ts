// The preview of all screens in real Chromium: each frame shows the screen it says, and nothing asks the network.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainLook } from '../../../src/page/look.ts';
import { renderPreview, samplesAt } from '../../../src/page/preview.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';
import { screens } from '../../../src/page/wording.ts';
import { violationsInBothThemes } from './accessibility.ts';
import { launchBrowser, openFan, seeScreen } from './fan.ts';
import { prefix } from './line-server.ts';
import { keepPicture } from './pictures.ts';
import { sceneSetups } from './scenes.ts';

let browser: Browser;
let server: Server;
let requests = 0;

beforeAll(async () => {
  const page = await buildWaitingPage({
    prefix,
    room: { id: 'sale', claim: 'confirm' },
    look: { ...plainLook, name: 'Summer Festival', accent: '#0b6e4f' },
  });
  server = createServer((request, response) => {
    requests += 1;
    const asked = new URL(request.url ?? '/', 'http://localhost').searchParams.get('screen');
    const sample = samplesAt('sale', Date.now()).find(({ screen }) => screen === asked);
    if (sample !== undefined) {
      const rendering = { language: 'en', encoding: 'identity' } as const;
      response.writeHead(200, Object.fromEntries(page.headers(rendering)));
      response.end(page.renderNotice({ ...rendering, kind: 'busy', preview: sample.events }));
      return;
    }
    const language = new URL(request.url ?? '/', 'http://localhost').searchParams.get('language');
    const { html, policy } = renderPreview(page, 'sale', language, Date.now());
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
    response.end(html);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

test('[PG78] the preview shows every screen in its own frame and asks for nothing', async () => {
  const fan = await openFan(browser, { viewport: { width: 1_600, height: 900 } });
  const { port } = server.address() as AddressInfo;
  await fan.page.goto(`http://127.0.0.1:${port}/_junban/preview?room=sale&language=ja`);
  const names = await fan.page
    .locator('iframe')
    .evaluateAll(frames => frames.map(frame => frame.getAttribute('title')));
  expect(names.map(String).sort()).toEqual([...screens].sort());
  for (const name of names) {
    const frame = fan.page.frameLocator(`iframe[title="${name}"]`);
    await frame.locator(`html[data-screen="${name}"][lang="ja"] #app:not([hidden])`).waitFor({ timeout: 15_000 });
  }
  expect(requests).toBe(1);
  expect(fan.errors).toEqual([]);
  // Chromium paints frames only where they are seen.
  await fan.page.setViewportSize({ width: 1_600, height: 4_800 });
  await keepPicture(fan.page, 'preview.ja');
  await fan.leave();
});

test.each(screens)('[PG22] %s is accessible in both themes, in a colour of the operator too', async screen => {
  const fan = await openFan(browser);
  const { port } = server.address() as AddressInfo;
  await fan.page.goto(`http://127.0.0.1:${port}/?screen=${screen}`);
  await seeScreen(fan.page, screen);
  // The others are kept as the gateway brings them up.
  if (!sceneSetups.some(setup => setup.screen === screen)) await keepPicture(fan.page, `${screen}.en`);
  expect(await violationsInBothThemes(fan.page)).toEqual([]);
  expect(fan.errors).toEqual([]);
  await fan.leave();
});
