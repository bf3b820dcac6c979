// axe-core inside the page, in both themes.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeRun =
  'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })' +
  '.then(found => found.violations.map(({ id, nodes }) => id + " " + nodes.map(node => node.target.join(" ")).join(", ")))';

/** Rule and place of each violation; empty when the screen is clean. Transitions must be off or over. */
export const violationsInBothThemes = async (page: Page): Promise<readonly unknown[]> => {
  const found: unknown[] = [];
  await page.evaluate(axeSource);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await page.evaluate<unknown[]>(axeRun)));
  }
  return found;
};
