// The scripts that are not part of the page's first screen, each built once at start: what a shop may put on its own pages,
// and the check of the draw, which is fetched when a fan asks for it.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, buildSync } from 'esbuild';
import type { Languages } from './languages.ts';
import type { PassTimeWording } from './wording.ts';

export interface BrowserScript {
  readonly body: string;
  readonly gzipped: Uint8Array;
  readonly etag: string;
}

/** In the language that is asked for, each made when it first is; another one gives that of the first language. // PS141 */
export const buildPassTimeScript = (languages: Languages): ((language: string) => BrowserScript) => {
  const body = compile('pass-time.ts', { target: 'es2019' });
  const made = new Map<string, BrowserScript>();
  return language => {
    const { tag, direction, passTime } = languages.find(each => each.tag === language) ?? languages[0];
    const known = made.get(tag);
    if (known !== undefined) return known;
    const wording: PassTimeWording = { language: tag, direction, words: passTime };
    const script = scriptOf(`(()=>{const passTimeWording=${JSON.stringify(wording)};${body}})();\n`);
    made.set(tag, script);
    return script;
  };
};

/** With the words of all languages: who checks a draw says in which one. */
export const buildDrawCheckScript = (languages: Languages): BrowserScript => {
  const words = Object.fromEntries(languages.map(({ tag, proof }) => [tag, proof]));
  const define = { proofWords: JSON.stringify(words) };
  return scriptOf(compile('draw-check-worker.ts', { target: 'es2020', define }));
};

const compile = (entry: string, options: BuildOptions): string => {
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
  return built.outputFiles?.[0]?.text ?? '';
};

const scriptOf = (body: string): BrowserScript => ({
  body,
  gzipped: gzipSync(body, { level: 9 }),
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
});
