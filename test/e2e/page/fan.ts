// A fan's browser: real Chromium on a phone-sized window, and what the tests read from its screen.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

export interface Fan {
  readonly page: Page;
  /** Errors of scripts and refusals by the content policy since the page was opened. */
  readonly errors: readonly string[];
  readonly leave: () => Promise<void>;
}

export const openFan = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Fan> => {
  const context = await browser.newContext({
    locale: 'en',
    viewport: { width: 360, height: 740 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', message => {
    if (/Content Security Policy|Refused/.test(message.text())) errors.push(message.text());
  });
  return { page, errors, leave: () => context.close() };
};

/** Resolves when the screen of that name stands. */
export const seeScreen = async (page: Page, screen: string): Promise<void> => {
  await page.locator(`html[data-screen="${screen}"] #app:not([hidden])`).waitFor({ timeout: 15_000 });
};

export const seeText = async (page: Page, selector: string, text: string): Promise<void> => {
  await page.locator(selector, { hasText: text }).first().waitFor({ state: 'attached', timeout: 15_000 });
};
