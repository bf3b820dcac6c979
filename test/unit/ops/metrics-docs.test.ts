// The table in the documentation against the registry it is made from; and that rules and dashboards ask only for what
// there is.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { metricsDocument } from '../../../src/ops/metrics-document.ts';

test('[OP83] the table of metrics in the documentation is the registry’s own', () => {
  const written = readFileSync(resolve(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
  // Write it anew with: node src/ops/metrics-document.ts
  expect(written).toBe(metricsDocument());
});
