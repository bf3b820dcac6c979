// What is said aloud while the number ticks.
import { expect, test } from 'vitest';
import { announce, nothingAnnounced } from '../../../src/page/browser/announce.ts';
import { describe as describeScene, type View } from '../../../src/page/describe.ts';
import { createFormats } from '../../../src/page/formats.ts';
import { wording } from '../../../src/page/languages/en.ts';
import type { Status } from '../../../src/page/status.ts';
import { aScene } from './a-scene.ts';
import { nowMs } from './a-status.ts';

const formats = createFormats(wording, 'UTC');
const viewOf = (change: Partial<Status>, atMs = nowMs): View =>
  describeScene(aScene({ nowMs: atMs, aheadAtFirst: 1_000 }, change), formats);

test('[PG13] in line it speaks on arrival, each tenth of the way and each minute, not at every push', () => {
  let announced = nothingAnnounced;
  const spoken: string[] = [];
  for (let second = 0; second <= 100; second += 1) {
    const next = announce(announced, viewOf({ ahead: 1_000 - second * 2 }), '', nowMs + second * 1_000);
    announced = next.announced;
    if (next.announcement !== null) spoken.push(`${second} ${next.announcement.text.split('. ').at(-2)}`);
  }
  expect(spoken).toEqual(['0 1,000 people ahead of you', '50 900 people ahead of you', '100 800 people ahead of you']);
});

test('[PG13] the call interrupts, and so do its last seconds, once', () => {
  const claimBy = new Date(nowMs + 40_000).toISOString();
  const called = { state: 'called', ahead: 0, claimBy } as const;
  const first = announce(nothingAnnounced, viewOf(called), '', nowMs);
  expect(first.announcement).toMatchObject({ isUrgent: true, text: expect.stringContaining('It is your turn') });
  const hurry = announce(first.announced, viewOf(called, nowMs + 10_000), '30 seconds left', nowMs + 10_000);
  expect(hurry.announcement).toEqual({ isUrgent: true, text: '30 seconds left' });
  const quiet = announce(hurry.announced, viewOf(called, nowMs + 11_000), '29 seconds left', nowMs + 11_000);
  expect(quiet.announcement).toBeNull();
  const short = announce(nothingAnnounced, viewOf(called, nowMs + 20_000), '20 seconds left', nowMs + 20_000);
  expect(short.announcement).toMatchObject({ isUrgent: true, text: expect.stringContaining('It is your turn') });
});
