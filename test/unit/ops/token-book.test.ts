// When the next token runs out: what the metrics tell without naming anybody.
import { expect, test } from 'vitest';
import { TokenBook } from '../../../src/ops/token-book.ts';
import { adminToken } from '../../integration/ops/ops-stand.ts';
import { memoryOperators } from '../../support/memory-operators.ts';

test('[OP146] the next end is that of the token that runs out first of those that have not', async () => {
  let nowMs = 0;
  const book = await TokenBook.open({ store: memoryOperators(), configured: [adminToken], nowMs: () => nowMs });
  expect(book.nextEndAtMs()).toBe(null);
  for (const [name, endsAtMs] of [
    ['late', 3_000],
    ['early', 1_000],
    ['next', 2_000],
  ] as const) {
    await book.make({ name, role: 'viewer', expiresAt: new Date(endsAtMs).toISOString(), createdBy: 'admin' });
  }
  expect(book.nextEndAtMs()).toBe(1_000);
  nowMs = 1_000;
  expect(book.nextEndAtMs()).toBe(2_000);
  nowMs = 3_000;
  expect(book.nextEndAtMs()).toBe(null);
  book.stop();
});
