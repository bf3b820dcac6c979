// What a gateway makes of the answers of a shop whose pages come with pictures and data.

import { describe, expect, test } from 'vitest';
import { type AskedFor, askedFor } from '../../../src/admission/asked-for.ts';
import { openShopSight, type ShopSight } from '../../../src/proxy/shop-sight.ts';

const atMs = 10_000;

function answer(sight: ShopSight, asked: AskedFor, signature: boolean, status = 200, nowMs = atMs): void {
  sight.observe({ kind: 'answered', status, signature, firstByteMs: 10 }, 'inside', nowMs, asked);
}

/** One load of a page: with pictures, some on a path that needs no pass, and with data. */
function load(sight: ShopSight, isMarked: boolean, calls = 0): void {
  answer(sight, 'page', isMarked);
  for (let picture = 0; picture < 4; picture += 1) answer(sight, 'file', false);
  for (let picture = 0; picture < 4; picture += 1)
    sight.observe({ kind: 'answered', status: 200, signature: false, firstByteMs: 10 }, null, atMs, 'file');
  for (let call = 0; call < calls; call += 1) answer(sight, 'data', false);
}

function loads(sight: ShopSight, count: number, isMarked: boolean, calls = 0): void {
  for (let loaded = 0; loaded < count; loaded += 1) load(sight, isMarked, calls);
}

describe('an outage of the pages', () => {
  test.each([0, 1, 6])(
    '[AP140] pages fail, their pictures and %i answers of data do not: the shop is failing',
    calls => {
      const sight = openShopSight(() => true);
      loads(sight, 30, true, calls);
      expect(sight.isFailing(atMs)).toBe(true);
      // The caller adds these up over the gateways, and the autopilot judges the same answers.
      const { answers, bad } = sight.countsAt(atMs);
      expect(bad * 2).toBeGreaterThan(answers);
      expect(sight.take()?.inside).toMatchObject({ answers: 30 * (1 + calls), bad: 30 });
    },
  );

  test('[AP140] it is over once the pages are well', () => {
    const sight = openShopSight(() => true);
    loads(sight, 30, true, 6);
    for (let page = 0; page < 20; page += 1) answer(sight, 'page', false, 200, atMs + 6_000);
    expect(sight.isFailing(atMs + 6_000)).toBe(false);
  });

  test('[AP140] pictures that are gone or broken close no shop whose pages are well', () => {
    const sight = openShopSight(() => true);
    for (let page = 0; page < 20; page += 1) {
      answer(sight, 'page', false);
      for (let picture = 0; picture < 9; picture += 1) answer(sight, 'file', false, 503);
    }
    expect(sight.isFailing(atMs)).toBe(false);
    expect(sight.take()?.inside).toMatchObject({ answers: 20, bad: 0 });
  });

  test('[AP140] one broken page that somebody loads again and again closes no shop that answers all others', () => {
    const sight = openShopSight(() => true);
    for (let call = 0; call < 200; call += 1) answer(sight, 'data', false);
    for (let page = 0; page < 8; page += 1) answer(sight, 'page', false, 500);
    expect(sight.isFailing(atMs)).toBe(false);
  });

  test('[AP80] an answered file says that the shop is there', () => {
    const sight = openShopSight(() => true);
    const away = { kind: 'timed-out', answered: false, detail: '' } as const;
    sight.observe(away, 'inside', atMs, 'page');
    answer(sight, 'file', false);
    sight.observe(away, 'inside', atMs + 6_000, 'page');
    expect(sight.isFailing(atMs + 6_000)).toBe(false);
    sight.observe(away, 'inside', atMs + 7_000, 'page');
    expect(sight.isFailing(atMs + 7_000)).toBe(true);
  });
});

describe('a signature that every page carries', () => {
  test.each([0, 1, 6])('[AP141] says nothing, though pictures and %i answers of data are without it', calls => {
    const sight = openShopSight(() => false);
    loads(sight, 60, true, calls);
    expect([sight.isSignatureUseless(), sight.isFailing(atMs)]).toEqual([true, false]);
    expect(sight.take()?.inside.bad).toBe(0);
    expect(sight.takeClean()).toBe(false);
  });

  test('[AP141] redirects and empty answers could not carry it, and tell nothing', () => {
    const sight = openShopSight(() => false);
    for (let page = 0; page < 30; page += 1) {
      answer(sight, 'page', true);
      for (const status of [302, 304, 204, 404]) answer(sight, 'page', false, status);
    }
    expect(sight.isSignatureUseless()).toBe(true);
  });

  test('[AP141] pages without it make it believed, also in data', () => {
    const sight = openShopSight(() => false);
    loads(sight, 30, false);
    expect(sight.takeClean()).toBe(true);
    for (let call = 0; call < 60; call += 1) answer(sight, 'data', true);
    expect(sight.isFailing(atMs)).toBe(true);
  });

  test('[AP141] data are believed where nobody asks for pages, and tell the room after a minute of that', () => {
    const sight = openShopSight(() => false);
    for (let call = 0; call < 60; call += 1) answer(sight, 'data', false);
    expect([sight.isSignatureTrusted(), sight.takeClean()]).toEqual([true, false]);
    for (let call = 0; call < 60; call += 1) answer(sight, 'data', false, 200, atMs + 60_000);
    expect(sight.takeClean()).toBe(true);
    // The first page ends it.
    answer(sight, 'page', true, 200, atMs + 60_000);
    expect([sight.isSignatureTrusted(), sight.takeClean()]).toEqual([false, false]);
  });
});

test('[AP140] what is asked for is told by the browser, or by the end of the path', () => {
  const asked = (path: string, destination = '', method = 'GET', isNavigation = false) =>
    askedFor({ isNavigation, method, path, destination });
  expect(asked('/sale', 'document', 'GET', true)).toBe('page');
  expect(asked('/picture', 'image')).toBe('file');
  expect(asked('/picture.json', 'empty')).toBe('data');
  expect([asked('/img/a.JPG'), asked('/app.js'), asked('/font.woff2')]).toEqual(['file', 'file', 'file']);
  expect([asked('/api/seats'), asked('/seats.json'), asked('/a.jpg', '', 'POST')]).toEqual(['data', 'data', 'data']);
});
