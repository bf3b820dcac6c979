// Which version of Junban this is.

import { readFile } from 'node:fs/promises';

export async function junbanVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}
