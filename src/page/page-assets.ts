// The page's script and style, compiled once for all rooms.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildSync, transformSync } from 'esbuild';
import type { Assets } from './markup.ts';
import { shortenedPattern } from './short-names.ts';

const browserFolder = new URL('./browser/', import.meta.url);
const styleTargets = ['chrome96', 'firefox94', 'safari15'];

let built: Promise<Assets> | null = null;

/** The same for all rooms. */
export const buildAssets = (): Promise<Assets> => {
  built ??= compileAssets();
  return built;
};

/** Synchronous builds leave no compiler process behind. */
const compileAssets = async (): Promise<Assets> => {
  const bundle = buildSync({
    entryPoints: [fileURLToPath(new URL('main.ts', browserFolder))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
    mangleProps: shortenedPattern,
    mangleCache: {},
  });
  const sheet = await readFile(new URL('page.css', browserFolder), 'utf8');
  const style = transformSync(sheet, { loader: 'css', minify: true, charset: 'utf8', target: styleTargets });
  const script = (bundle.outputFiles[0]?.text ?? '').trim();
  return { script, style: style.code.trim(), shortNames: bundle.mangleCache ?? {} };
};
