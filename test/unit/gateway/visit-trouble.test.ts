// What a fan is told when no number can be had now.
import { expect, test } from 'vitest';
import { storeNotice } from '../../../src/gateway/visit-trouble.ts';
import { StoreError } from '../../../src/store/store-error.ts';

test('[WR133] where too many wait for a number the page says that many are arriving, else that the line cannot be reached', () => {
  expect(storeNotice(new StoreError('busy', 'full'))).toEqual({ kind: 'busy', retryAfterSeconds: 3 });
  expect(storeNotice(new StoreError('unavailable', 'away'))).toEqual({
    kind: 'store-unavailable',
    retryAfterSeconds: 3,
  });
});
