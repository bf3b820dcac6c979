// The script that a shop may put on its pages to show how long a turn lasts: built once at start.

import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

export interface PassTimeScript {
  readonly body: string;
  readonly etag: string;
}

export function buildPassTimeScript(): PassTimeScript {
  const built = buildSync({
    entryPoints: [fileURLToPath(new URL('./browser/pass-time.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2019',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
  });
  const body = built.outputFiles[0]?.text ?? '';
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}
