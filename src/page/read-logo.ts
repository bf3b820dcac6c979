// The operator's logo as a data address, bounded and of the type that its name says: it travels in every page, on top of
// the page's own bytes.
import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';

const logoBytesMax = 16_384;
/** What the page in Brotli leaves of its 20 KB, in every language. */
const logoBytesLeft = 1_536;

export type Logo =
  | { readonly kind: 'logo'; readonly address: string }
  /** What is wrong with it, with the path. */
  | { readonly kind: 'problem'; readonly message: string };

const startsWith =
  (at: number, ...start: readonly number[]) =>
  (bytes: Buffer): boolean =>
    start.every((byte, index) => bytes[at + index] === byte);

interface PictureType {
  readonly media: string;
  readonly isOne: (bytes: Buffer) => boolean;
}

const types: Readonly<Record<string, PictureType>> = {
  svg: { media: 'image/svg+xml', isOne: bytes => /<svg[\s>]/.test(bytes.toString()) },
  png: { media: 'image/png', isOne: startsWith(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  webp: { media: 'image/webp', isOne: startsWith(8, 0x57, 0x45, 0x42, 0x50) },
  jpg: { media: 'image/jpeg', isOne: startsWith(0, 0xff, 0xd8, 0xff) },
};

const problem = (message: string): Logo => ({ kind: 'problem', message });

/** As text, which the page's compression makes small: base64 would hide from it what repeats. */
const addressOfSvg = (bytes: Buffer): string =>
  `data:image/svg+xml,${bytes
    .toString()
    .trim()
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[%#"&<>]/g, encodeURIComponent)}`;

/** Null: the first screen stays within 20 KB. // PG176 */
export const noteOnLogo = (address: string): string | null => {
  const bytes = brotliCompressSync(address).length;
  if (bytes <= logoBytesLeft) return null;
  return `adds ${bytes} bytes to every page, compressed: with more than ${logoBytesLeft} it is over 20 KB. A small svg is best`;
};

export const readLogo = async (path: string): Promise<Logo> => {
  const name = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const type = types[name];
  if (type === undefined) return problem(`${path} must be svg, png, webp or jpg`);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  if (typeof bytes === 'string') return problem(`cannot read ${path}: ${bytes === 'ENOENT' ? 'no such file' : bytes}`);
  if (bytes.length > logoBytesMax) {
    return problem(`${path} has ${bytes.length} bytes; ${logoBytesMax} are the most, as it travels in every page`);
  }
  if (!type.isOne(bytes)) return problem(`${path} is called ${name}, but holds something else`);
  return {
    kind: 'logo',
    address: name === 'svg' ? addressOfSvg(bytes) : `data:${type.media};base64,${bytes.toString('base64')}`,
  };
};
