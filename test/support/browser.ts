// Real Chromium on a phone-sized window. Each phone is a browser context of its own: a fresh profile with its own cookie
// jar. It records what must never happen: script errors, refusals by the content policy, requests to other hosts.

import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const launchOptions = {
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
};
const phoneOptions = { locale: 'en', viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' } as const;

export const launchBrowser = (): Promise<Browser> => chromium.launch(launchOptions);

/** A browser on a profile folder, for what is set in its preferences only. */
export const launchProfile = (folder: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, { ...launchOptions, ...phoneOptions });

export interface Phone {
  readonly context: BrowserContext;
  readonly openTab: () => Promise<Page>;
  /** Whatever went wrong in any of its tabs; failed requests are no errors of the page. */
  readonly errors: readonly string[];
  /** Origins that any of its tabs asked for anything. */
  readonly origins: ReadonlySet<string>;
}

export async function openPhone(browser: Browser, options: BrowserContextOptions = {}): Promise<Phone> {
  const context = await browser.newContext({ ...phoneOptions, ...options });
  const errors: string[] = [];
  const origins = new Set<string>();
  context.on('request', request => {
    if (/^(?:http|ws)s?:/.test(request.url())) origins.add(new URL(request.url()).origin);
  });
  context.on('page', page => watch(page, errors));
  return { context, openTab: () => context.newPage(), errors, origins };
}

function watch(page: Page, errors: string[]): void {
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', message => {
    // The browser's own report of an answer that did not come: the page shows it, that is what the tests are for.
    const isFailedRequest = /net::ERR_|Failed to load resource|WebSocket connection to/.test(message.text());
    if (message.type() === 'error' && !isFailedRequest) errors.push(message.text());
  });
}

/** Settles when the waiting page shows that screen. */
export async function seeScreen(page: Page, screen: string, withinMs = 15_000): Promise<void> {
  await page.locator(`html[data-screen="${screen}"] #app:not([hidden])`).waitFor({ timeout: withinMs });
}
