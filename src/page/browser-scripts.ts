// The scripts that are not part of the page's first screen, each built once at start: what a shop may put on its own pages,
// and the check of the draw, which is fetched when a fan asks for it.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, buildSync } from 'esbuild';
import type { Languages } from './languages.ts';

export interface BrowserScript {
  readonly body: string;
  readonly gzipped: Uint8Array;
  readonly etag: string;
}

export const buildPassTimeScript = (): BrowserScript => buildScript('pass-time.ts', { target: 'es2019' });

/** With the words of all languages: who checks a draw says in which one. */
export const buildDrawCheckScript = (languages: Languages): BrowserScript => {
  const words = Object.fromEntries(languages.map(({ tag, proof }) => [tag, proof]));
  return buildScript('draw-check-worker.ts', { target: 'es2020', define: { proofWords: JSON.stringify(words) } });
};

const buildScript = (entry: string, options: BuildOptions): BrowserScript => {
  const built = buildSync({
    entryPoints: [fileURLToPath(new URL(`./browser/${entry}`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
    ...options,
  });
  const body = built.outputFiles?.[0]?.text ?? '';
  return {
    body,
    gzipped: gzipSync(body, { level: 9 }),
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
};
