// What is said aloud while the number ticks.
import { expect, test } from 'vitest';
import { announce, joinSentences, nothingAnnounced } from '../../../src/page/browser/announce.ts';
import { describe as describeScene, type View } from '../../../src/page/describe.ts';
import { createFormats } from '../../../src/page/formats.ts';
import { wording } from '../../../src/page/languages/en.ts';
import type { Scene } from '../../../src/page/screen.ts';
import type { Status } from '../../../src/page/status.ts';
import { aScene } from './a-scene.ts';
import { nowMs } from './a-status.ts';

const formats = createFormats(wording, 'UTC');
const viewOf = (change: Partial<Status>, atMs = nowMs, scene: Partial<Scene> = {}): View =>
  describeScene(aScene({ nowMs: atMs, aheadAtFirst: 1_000, ...scene }, change), formats);

test('[PG13] in line it speaks on arrival, each tenth of the way and each minute, not at every push', () => {
  let announced = nothingAnnounced;
  const spoken: string[] = [];
  for (let second = 0; second <= 100; second += 1) {
    const next = announce(announced, viewOf({ ahead: 1_000 - second * 2 }), '', 'en', nowMs + second * 1_000);
    announced = next.announced;
    if (next.announcement !== null) spoken.push(`${second} ${next.announcement.text.split('. ').at(-2)}`);
  }
  expect(spoken).toEqual(['0 1,000 people ahead of you', '50 900 people ahead of you', '100 800 people ahead of you']);
});

test('[PG13] the call interrupts, and so do its last seconds, once', () => {
  const claimBy = new Date(nowMs + 40_000).toISOString();
  const called = { state: 'called', ahead: 0, claimBy } as const;
  const first = announce(nothingAnnounced, viewOf(called), '', 'en', nowMs);
  expect(first.announcement).toMatchObject({ isUrgent: true, text: expect.stringContaining('It is your turn') });
  const hurry = announce(first.announced, viewOf(called, nowMs + 10_000), '30 seconds left', 'en', nowMs + 10_000);
  expect(hurry.announcement).toEqual({ isUrgent: true, text: '30 seconds left' });
  const quiet = announce(hurry.announced, viewOf(called, nowMs + 11_000), '29 seconds left', 'en', nowMs + 11_000);
  expect(quiet.announcement).toBeNull();
  const short = announce(nothingAnnounced, viewOf(called, nowMs + 20_000), '20 seconds left', 'en', nowMs + 20_000);
  expect(short.announcement).toMatchObject({ isUrgent: true, text: expect.stringContaining('It is your turn') });
});

test('[PG101] a message, a moved start and an extension are said as they come, once', () => {
  const inMs = (spanMs: number): string => new Date(nowMs + spanMs).toISOString();
  const lobby = { state: 'lobby', phase: 'lobby', ahead: null, place: null, startsAt: inMs(3_600_000) } as const;
  const said = (views: readonly View[]): readonly (string | undefined)[] => {
    let announced = nothingAnnounced;
    return views.map(view => {
      const next = announce(announced, view, '', 'en', nowMs);
      announced = next.announced;
      return next.announcement?.text;
    });
  };
  const told = viewOf({ ...lobby, message: 'Doors at nine' });
  const moved = viewOf({ ...lobby, message: 'Doors at nine' }, nowMs, { startMoved: true });
  expect(said([viewOf(lobby), told, told, moved, moved]).slice(1)).toEqual([
    'Doors at nine',
    undefined,
    expect.stringMatching(/^The start has been moved to [^.]*\.$/),
    undefined,
  ]);
  const called = { state: 'called', ahead: 0 } as const;
  const held = viewOf({ ...called, claimBy: inMs(60_000), paused: true });
  const views = [viewOf({ ...called, claimBy: inMs(60_000) }), held, viewOf({ ...called, claimBy: inMs(90_000) })];
  expect(said([...views, viewOf({ ...called, claimBy: inMs(90_000) })]).slice(1)).toEqual([
    undefined,
    '1:30 left to enter',
    undefined,
  ]);
});

test('[PG102] what is said together is parted by one stop, that of the language', () => {
  expect(joinSentences(['On its way', 'No need to reload.', '0:07', ''], 'en')).toBe(
    'On its way. No need to reload. 0:07',
  );
  expect(joinSentences(['受付', 'お待ちください。', '3 人'], 'ja')).toBe('受付。お待ちください。 3 人');
  expect(joinSentences(['轮到您了', '请入场'], 'zh-Hans')).toBe('轮到您了。请入场');
  expect(joinSentences(['ถึงคิว', 'โปรดเข้า'], 'th')).toBe('ถึงคิว โปรดเข้า');
});
