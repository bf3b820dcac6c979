// SPEC.md and the tests name the same rules: every rule has a test, and no test names a rule that is not there.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const ruleId = /\b(?:JN|PR|LN|CL|PS|DR|ST|WR|PX|OP|CF|PG)\d+\b/g;

const spec = readFileSync(join(root, 'src/SPEC.md'), 'utf8');
const listed = [...spec.matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map(match => match[1] ?? '');

const named = new Set(
  readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.ts$/.test(name))
    .flatMap(name => [...readFileSync(join(root, 'test', name), 'utf8').matchAll(/\[([^\]\n]*)\]/g)])
    .flatMap(match => match[1]?.match(ruleId) ?? []),
);

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
