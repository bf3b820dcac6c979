// The operator's logo as a data address, bounded: it travels in every page.
import { readFile } from 'node:fs/promises';

const logoBytesMax = 16_384;

const types: Readonly<Record<string, string>> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  webp: 'image/webp',
  jpg: 'image/jpeg',
};

/** Rejects with the path and what is wrong with it. */
export const readLogo = async (path: string): Promise<string> => {
  const type = types[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
  if (type === undefined) throw new Error(`look.logo: ${path} must be svg, png, webp or jpg`);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Error(`look.logo: cannot read ${path}`, { cause });
  });
  if (bytes.length > logoBytesMax) {
    throw new Error(`look.logo: ${path} has ${bytes.length} bytes, at most ${logoBytesMax} fit into the page`);
  }
  return `data:${type};base64,${bytes.toString('base64')}`;
};
