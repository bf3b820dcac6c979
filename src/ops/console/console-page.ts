// The console as one HTML page: built once when it is first asked for, script and style inside, nothing from elsewhere.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { type OpsAnswer, textAnswer } from '../ops-problem.ts';

let built: Promise<OpsAnswer> | null = null;

/** OP78 */
export function consolePage(): Promise<OpsAnswer> {
  built ??= buildPage();
  return built;
}

async function buildPage(): Promise<OpsAnswer> {
  const [script, style] = await Promise.all([buildScript(), buildStyle()]);
  const document =
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Junban console</title>' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">' +
    `<style>${style}</style></head><body><div id="console"></div><script>${script}</script></body></html>\n`;
  const answer = textAnswer(200, document, 'text/html; charset=utf-8');
  return { ...answer, headers: { ...answer.headers, ...headersFor(script) } };
}

async function buildScript(): Promise<string> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('browser/main.tsx', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: '{}',
  });
  // Inside a page the text "</script" would end the script wherever it stands.
  return (bundle.outputFiles[0]?.text ?? '').trim().replaceAll('</script', '<\\/script');
}

async function buildStyle(): Promise<string> {
  const chart = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');
  const sheets = await Promise.all([
    readFile(chart, 'utf8'),
    readFile(new URL('console.css', import.meta.url), 'utf8'),
  ]);
  return (await transform(sheets.join('\n'), { loader: 'css', minify: true, charset: 'utf8' })).code.trim();
}

function headersFor(script: string): Readonly<Record<string, string>> {
  const hash = createHash('sha256').update(script).digest('base64');
  // uPlot sizes its canvas by style attributes.
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return { 'Content-Security-Policy': policy.join('; '), 'Referrer-Policy': 'no-referrer' };
}
