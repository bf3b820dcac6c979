// The address of the waiting page, and how much of where the fan wants to go it can name.
import { expect, test } from 'vitest';
import { pageAddress, returnToBytesMaxOfNginx } from '../../../src/gateway/page-address.ts';
import { parseTarget } from '../../../src/gateway/request-target.ts';

const named = (address: string): string | null =>
  new URL(address, 'http://junban.invalid').searchParams.get('returnTo');

test('[WR132] it names the very address up to what we accept ourselves; only for nginx the query ends at 2 KB', () => {
  const wanted = `/tickets?day=1&seats=${'A1,'.repeat(1_500)}`;
  const address = pageAddress('/_junban', 'sale', wanted);
  expect(named(address)).toBe(wanted);
  expect(parseTarget(address).kind).toBe('ok');
  expect(named(pageAddress('/_junban', 'sale', wanted, returnToBytesMaxOfNginx))).toBe('/tickets');
});

test('[WR132] where the query does not fit the path is named, else the front page', () => {
  expect(named(pageAddress('/_junban', 'sale', `/tickets?q=${'&'.repeat(3_000)}`))).toBe('/tickets');
  expect(named(pageAddress('/_junban', 'sale', `/${'a'.repeat(8_100)}`))).toBe('/');
});
