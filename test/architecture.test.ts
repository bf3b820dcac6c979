// The layout of the README as a test: who may import whom, and who may touch what.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

type SourceFile = {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
};

const files: readonly SourceFile[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.tsx?$/.test(name))
  .map(name => {
    const text = readFileSync(join(source, name), 'utf8');
    const found = text.matchAll(/^(?:import|export)[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gms);
    const imports = [...found].map(match => match[1] ?? match[2] ?? match[3] ?? '');
    return { path: name, folder: name.includes('/') ? (name.split('/')[0] ?? '') : '', text, imports };
  });

/** Folders of ours that a file imports from, "" for the wiring at the top. */
function foldersOf(file: SourceFile): string[] {
  return file.imports
    .filter(name => name.startsWith('.'))
    .map(name => relative(source, resolve(source, dirname(file.path), name)))
    .map(path => (path.includes('/') ? (path.split('/')[0] ?? '') : ''));
}

function packagesOf(file: SourceFile): string[] {
  return file.imports.filter(name => !name.startsWith('.') && !name.startsWith('node:'));
}

const pure = ['queue', 'draw', 'admission', 'estimate'];

describe('who may import whom', () => {
  /** Beyond itself, each folder sees these only. Type imports count: a port is a dependency too. */
  const mayImport: Readonly<Record<string, readonly string[]>> = {
    queue: pure,
    draw: pure,
    admission: pure,
    estimate: pure,
    flow: [...pure, 'store'],
    tokens: [],
    store: ['queue'],
    proxy: ['admission'],
    // The chains of drand that its check knows are the draw's.
    page: ['draw'],
    // What an operator may reword is the page's vocabulary.
    config: ['draw', 'page'],
    drand: ['draw'],
    gateway: ['flow', 'queue', 'admission', 'estimate', 'proxy', 'page', 'tokens', 'store'],
    // What a fan reads to an operator is the page's vocabulary too.
    ops: ['flow', 'queue', 'estimate', 'admission', 'store', 'proxy', 'page'],
  };

  test.each(Object.entries(mayImport))('%s', (folder, allowed) => {
    const offenders = files
      .filter(file => file.folder === folder)
      .flatMap(file =>
        foldersOf(file)
          .filter(other => other !== folder && !allowed.includes(other))
          .map(other => `${file.path} -> ${other || 'wiring'}`),
      );
    expect(offenders).toEqual([]);
  });

  test('flow and gateway see the ports of the store and its errors, no adapter', () => {
    const offenders = files
      .filter(file => ['flow', 'gateway', 'ops'].includes(file.folder))
      .filter(file => file.imports.some(name => /\/store\/(embedded|redis)\//.test(name)));
    expect(offenders.map(file => file.path)).toEqual([]);
  });
});

describe('who may use which package', () => {
  const owners: Readonly<Record<string, readonly string[]>> = {
    jose: ['tokens'],
    ioredis: ['store'],
    'uWebSockets.js': ['gateway'],
    'prom-client': ['ops'],
    pino: ['ops'],
    '@opentelemetry/api': ['ops'],
    '@opentelemetry/resources': ['ops'],
    '@opentelemetry/sdk-trace-base': ['ops'],
    '@opentelemetry/exporter-trace-otlp-http': ['ops'],
    '@opentelemetry/exporter-trace-otlp-proto': ['ops'],
    undici: ['proxy'],
    ws: ['proxy'],
    esbuild: ['page', 'ops'],
    preact: ['ops'],
    uplot: ['ops'],
    zod: ['config', 'ops', 'tokens'],
    yaml: ['config'],
  };

  test.each(Object.entries(owners))('%s', (name, folders) => {
    const users = new Set(files.filter(file => packagesOf(file).includes(name)).map(file => file.folder));
    expect([...users].filter(folder => !folders.includes(folder))).toEqual([]);
  });

  test('no package is used that is not listed here', () => {
    const used = new Set(
      files.flatMap(packagesOf).map(name =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
    );
    expect([...used].filter(name => !(name in owners) && name !== '@noble/curves')).toEqual([]);
  });
});

test('[OP141] the packages of OpenTelemetry are loaded by nobody before traces are asked for', () => {
  const loading = /^import (?!type\b)[^;]*'@opentelemetry\//m;
  expect(files.filter(({ text }) => loading.test(text)).map(({ path }) => path)).toEqual([]);
  expect(files.filter(({ text }) => text.includes("import('@opentelemetry/")).map(({ path }) => path)).toEqual([
    'ops/tracing.ts',
  ]);
});

describe('what pure code and flows may not touch', () => {
  const forbidden = [/\bDate\.now\b/, /\bMath\.random\b/, /\bset(?:Timeout|Interval|Immediate)\(/, /\bprocess\./];
  const isPureFile = (file: SourceFile) =>
    (pure.includes(file.folder) || file.folder === 'flow') &&
    !file.path.endsWith('-worker.ts') &&
    file.path !== 'draw/draw-order.ts';

  test.each(forbidden)('%s', pattern => {
    expect(
      files.filter(file => isPureFile(file) && pattern.test(withoutComments(file.text))).map(file => file.path),
    ).toEqual([]);
  });

  test('process.env is read in config/ only', () => {
    const readers = files.filter(file => withoutComments(file.text).includes('process.env'));
    expect(readers.filter(file => file.folder !== 'config').map(file => file.path)).toEqual([]);
  });
});

describe('the shape of every file', () => {
  test('it begins with a comment that says what it is for', () => {
    expect(files.filter(file => !/^(?:#!.*\n)?(?:\/\/|\/\*)/.test(file.text)).map(file => file.path)).toEqual([]);
  });

  test('it has 400 lines at most', () => {
    expect(files.filter(file => file.text.split('\n').length > 400).map(file => file.path)).toEqual([]);
  });

  test('there are no default exports and no files named utils, types, helpers or index', () => {
    const offenders = files.filter(
      file => /^export default/m.test(file.text) || /(?:^|\/)(?:utils?|types|helpers?|index)\.ts$/.test(file.path),
    );
    expect(offenders.map(file => file.path)).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');
}
