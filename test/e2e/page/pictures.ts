// Pictures of the screens as an artifact of the run, for people to look at: `.artifacts/page/`, or JUNBAN_ARTIFACTS.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const folder = join(process.env['JUNBAN_ARTIFACTS'] ?? '.artifacts', 'page');

/** The whole page on a phone, in light and in dark. */
export const keepPicture = async (page: Page, name: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}.${colorScheme}.png`), fullPage: true });
  }
};
