// SPEC.md and the tests name the same rules: every rule has a test, and no test names a rule that is not there. Only
// titles count, of files that vitest runs and of those they import (contract suites, rows of cases).

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

const spec = readFileSync(join(root, 'src/SPEC.md'), 'utf8');
const listed = [...spec.matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map(match => match[1] ?? '');

const text = /(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`)/.source;
/** `test('…`, `describe.concurrent('…`, and what a table of cases is called with: `)('…`. */
const titles = new RegExp(`(?:\\b(?:test|describe)(?:\\.concurrent|\\.sequential)*\\(|\\)\\()\\s*${text}`, 'g');
/** A case that brings its title along, the first of its row, where the title of all is only '%s'. */
const rowTitles = new RegExp(`\\[\\s*${text}`, 'g');

function titlesIn(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\/|\/\*|\*).*$/gm, '');
  const rows = [...code.matchAll(rowTitles)].filter(match => textOf(match).startsWith('['));
  return [...code.matchAll(titles), ...rows].map(textOf);
}

function textOf([, single, double, template]: RegExpMatchArray): string {
  return single ?? double ?? template ?? '';
}

function rulesIn(title: string): string[] {
  return [...title.matchAll(/\[([^\]]*)\]/g)].flatMap(match => match[1]?.match(/\b[A-Z]{2}\d+\b/g) ?? []);
}

/** Every test file, and what it imports of test/. */
function sourcesOfTests(): Map<string, string> {
  const found = new Map<string, string>();
  const read = (path: string): void => {
    if (found.has(path) || !path.startsWith(import.meta.dirname) || !existsSync(path)) return;
    const source = readFileSync(path, 'utf8');
    found.set(path, source);
    for (const [, name = ''] of source.matchAll(/from '(\.[^']+)'/g)) read(resolve(dirname(path), name));
  };
  for (const name of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.test.ts') && name !== 'spec.test.ts') read(join(import.meta.dirname, name));
  }
  return found;
}

const named = new Set([...sourcesOfTests().values()].flatMap(titlesIn).flatMap(rulesIn));

test('every rule of SPEC.md stands there once', () => {
  expect(listed.length).toBeGreaterThan(50);
  expect(listed.filter((id, index) => listed.indexOf(id) !== index)).toEqual([]);
});

test('every rule of SPEC.md has a test that names it', () => {
  expect(listed.filter(id => !named.has(id))).toEqual([]);
});

test('every rule that a test names stands in SPEC.md', () => {
  expect([...named].filter(id => !listed.includes(id)).sort()).toEqual([]);
});

// A rule once counted as tested because a comment named it.
test('comments, skipped tests and other texts in brackets name no rule', () => {
  const source = [
    "  // test('[AA1] in a comment', () => {",
    " * test('[AA2] in a longer one', () => {",
    "  expect(rows).toEqual('[AA3]');",
    "  test.skip('[AA4] not run', () => {",
    "  test('[BB1] [BB2, BB3] of it', () => {",
    "  ] as const)('[BB4] of cases', () => {",
    "    ['[BB5] one of them', 1],",
    '  describe.concurrent(`[BB6] of a kind`, () => {',
  ].join('\n');
  expect(titlesIn(source).flatMap(rulesIn).sort()).toEqual(['BB1', 'BB2', 'BB3', 'BB4', 'BB5', 'BB6']);
});
