// Our two cookies: found in any Cookie header, written with every protection, kept from the shop.
import { describe, expect, test } from 'vitest';
import { clearCookie, passCookieName, readCookie, setCookie, ticketCookieName } from '../../../src/gateway/cookies.ts';

describe('reading', () => {
  test.each([
    ['t=1', '1'],
    ['a=0; t=1; b=2', '1'],
    ['a=0;t=1', '1'],
    ['a=0;  \tt=1 ', '1'],
    ['t=', ''],
    ['t=a=b', 'a=b'],
    ['t=1; t=2', '1'],
    ['xt=0; t=1', '1'],
    ['t2=0; t=1', '1'],
    ['a=t=0; t=1', '1'],
    ['a="; t=1"', '1"'],
    ['a=t', null],
    ['t', null],
    ['t ; a=1', null],
    ['a=0 t=1', null],
    ['xt=1', null],
    ['T=1', null],
    ['', null],
  ])('[WR18] in %j finds %j', (header, value) => {
    expect(readCookie(header, 't')).toBe(value);
  });

  test('[WR18] finds a ticket behind 16 KB of other cookies and of look-alikes', () => {
    expect(readCookie(`a=${'x'.repeat(16_384)}; t=1`, 't')).toBe('1');
    expect(readCookie(`a=${'t'.repeat(16_384)}; t=1`, 't')).toBe('1');
  });

  test('[WR18] stays linear where look-alikes stand behind blanks', () => {
    const startMs = performance.now();
    expect(readCookie(`a=${' t='.repeat(100_000)}; t=1`, 't')).toBe('1');
    expect(readCookie(`a=${' '.repeat(200_000)}${'t='.repeat(100_000)}`, 't')).toBeNull();
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});

describe('writing', () => {
  test('[WR21] names cookies by room, bound to the host over TLS', () => {
    expect(ticketCookieName('sale', true)).toBe('__Host-junban-ticket-sale');
    expect(ticketCookieName('sale', false)).toBe('junban-ticket-sale');
    expect(passCookieName('sale', true)).toBe('__Host-junban-pass-sale');
    expect(passCookieName('sale', false)).toBe('junban-pass-sale');
  });

  test('[WR21] sets and clears with the same attributes, Secure over TLS', () => {
    expect(setCookie('a', 'x.y-z_', { secure: true, maxAgeMs: 90_999 })).toBe(
      'a=x.y-z_; Max-Age=90; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    expect(setCookie('a', 'x', { secure: false, maxAgeMs: -1 })).toBe('a=x; Max-Age=0; Path=/; HttpOnly; SameSite=Lax');
    expect(clearCookie('a', true)).toBe('a=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure');
    expect(clearCookie('a', false)).toBe('a=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax');
  });

  test('[WR21] reads back what it wrote', () => {
    const name = ticketCookieName('sale', true);
    const pair = setCookie(name, 'abc.def.ghi', { secure: true, maxAgeMs: 1000 }).split(';')[0] ?? '';
    expect(readCookie(`x=1; ${pair}; y=2`, name)).toBe('abc.def.ghi');
  });
});
