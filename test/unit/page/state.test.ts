// The page's state under frames, losses and wrong clocks.
import { expect, test } from 'vitest';
import { type Model, type PageEvent, reduce, sceneAt, startModel } from '../../../src/page/browser/state.ts';
import { screenOf } from '../../../src/page/screen.ts';
import type { Status } from '../../../src/page/status.ts';
import { aStatus, nowMs } from './a-status.ts';

const visit = { room: { id: 'sale', claim: 'confirm' } as const, returnTo: '/' };
const unknown = { atFirst: null, last: null };
const start = startModel(visit, unknown, nowMs);
const frame = (change: Partial<Status> = {}, atMs = nowMs): PageEvent => ({
  kind: 'status',
  status: aStatus(change),
  atMs,
});
const after = (...events: readonly PageEvent[]): Model => events.reduce(reduce, start);
const later = (spanMs: number): string => new Date(nowMs + spanMs).toISOString();

test('[PG5] a phone that is ten minutes off counts by the server clock', () => {
  const wrongMs = nowMs - 600_000;
  const model = after(frame({}, wrongMs));
  expect(sceneAt(model, wrongMs + 5_000).nowMs).toBe(nowMs + 5_000);
});

test('[PG5] a late frame does not set the clock back, a clock that was set does', () => {
  const late = after(frame(), frame({ asOf: later(1_000) }, nowMs + 2_500));
  expect(late.clockOffsetMs).toBe(0);
  const set = after(frame(), frame({ asOf: later(1_000) }, nowMs + 3_601_000));
  expect(set.clockOffsetMs).toBe(-3_600_000);
});

test('[PG5] old numbers marked as checking do not touch the clock', () => {
  expect(after(frame(), frame({ checking: true }, nowMs + 90_000)).clockOffsetMs).toBe(0);
});

test('[PG171] a page that loads while checking counts by the time it was made, and then by the frames', () => {
  // A phone that was ten minutes fast said that the start had come, one that was slow counted to ten minutes too late.
  for (const offMs of [-600_000, 600_000]) {
    const loadedAtMs = nowMs + 95_000 + offMs;
    const startsAt = later(155_000);
    const lobby = { state: 'lobby', phase: 'lobby', place: null, ahead: null, startsAt } as const;
    const model = reduce(
      startModel({ ...visit, servedAtMs: nowMs + 95_000 }, unknown, loadedAtMs),
      frame({ ...lobby, checking: true }, loadedAtMs),
    );
    expect(sceneAt(model, loadedAtMs + 1_000).nowMs).toBe(nowMs + 96_000);
    expect(screenOf(sceneAt(model, loadedAtMs + 59_000))).toBe('lobby');
    const known = reduce(model, frame({ ...lobby, asOf: later(98_100) }, loadedAtMs + 3_000));
    expect(sceneAt(known, loadedAtMs + 3_000).nowMs).toBe(nowMs + 98_100);
  }
});

test('[PG6] a frame overtaken by a newer one is dropped, one of another room too', () => {
  const model = after(
    frame({ ahead: 10, asOf: later(1_000) }),
    frame({ ahead: 12 }),
    frame({ room: 'other', ahead: 99 }),
  );
  expect(model.status?.ahead).toBe(10);
});

test('[PG6] a gateway whose clock is behind is still believed', () => {
  expect(after(frame({ ahead: 10 }), frame({ ahead: 9, asOf: later(-5_000) })).status?.ahead).toBe(9);
});

test('[PG6] progress is measured from the most devices ever ahead', () => {
  const model = after(
    frame({ ahead: 100 }),
    frame({ ahead: 140, asOf: later(1_000) }),
    frame({ ahead: 70, asOf: later(2_000) }),
  );
  expect(model.aheadAtFirst).toBe(140);
});

test('[PG6] a number that rises is noted, one that falls is not', () => {
  expect(after(frame({ ahead: 10 }), frame({ ahead: 11, asOf: later(1_000) })).roseAtMs).toBe(nowMs + 1_000);
  expect(after(frame({ ahead: 10 }), frame({ ahead: 9, asOf: later(1_000) })).roseAtMs).toBeNull();
});

test('[PG180] a number that rose while the page was loaded anew is explained too', () => {
  const reloaded = startModel(visit, { atFirst: 100, last: 10 }, nowMs);
  expect(reduce(reloaded, frame({ ahead: 12 }))).toMatchObject({ roseAtMs: nowMs, aheadAtFirst: 100, aheadAtLast: 12 });
  expect(reduce(reloaded, frame({ ahead: 10 })).roseAtMs).toBeNull();
  // A call in between is another story.
  const called = after(frame({ ahead: 1 }), frame({ state: 'called', ahead: 0, asOf: later(1_000) }));
  expect(reduce(called, frame({ ahead: 3, asOf: later(2_000) })).roseAtMs).toBeNull();
});

test('[PG138] a tab that takes over another ticket starts its progress anew, and nobody has come back', () => {
  const model = after(frame({ ahead: 10 }), frame({ number: 18_205, ahead: 11, asOf: later(1_000) }));
  expect(model).toMatchObject({ aheadAtFirst: 11, roseAtMs: null });
  const rose = after(frame({ ahead: 10 }), frame({ ahead: 12, asOf: later(1_000) }));
  expect(reduce(rose, frame({ number: 18_000, ahead: 4, asOf: later(2_000) }))).toMatchObject({
    aheadAtFirst: 4,
    roseAtMs: null,
  });
});

test('[PG7] a lost connection becomes the offline screen only after a moment, and a frame ends it', () => {
  const lost = after(
    frame(),
    { kind: 'opened' },
    { kind: 'lost', atMs: nowMs + 1_000 },
    { kind: 'lost', atMs: nowMs + 3_000 },
  );
  expect(screenOf(sceneAt(lost, nowMs + 4_999))).toBe('waiting');
  expect(screenOf(sceneAt(lost, nowMs + 5_000))).toBe('offline');
  expect(screenOf(sceneAt(reduce(lost, { kind: 'opened' }), nowMs + 60_000))).toBe('waiting');
});

test('[PG7] the call stays on the screen when the connection is lost', () => {
  const called = after(frame({ state: 'called' }), { kind: 'lost', atMs: nowMs });
  expect(screenOf(sceneAt(called, nowMs + 60_000))).toBe('called');
});

test('[PG7] when the start has passed and no place is known, the lobby says that the places are being drawn', () => {
  const lobby = after(frame({ state: 'lobby', phase: 'lobby', place: null, ahead: null, startsAt: later(60_000) }));
  expect(screenOf(sceneAt(lobby, nowMs + 59_999))).toBe('lobby');
  expect(screenOf(sceneAt(lobby, nowMs + 60_000))).toBe('drawing');
});

test('[PG178] a start that passes while the gateway cannot see the room promises no place in a moment', () => {
  const startsAt = later(60_000);
  const lobby = after(frame({ state: 'lobby', phase: 'lobby', place: null, ahead: null, startsAt, checking: true }));
  expect(screenOf(sceneAt(lobby, nowMs + 59_999))).toBe('lobby');
  expect(screenOf(sceneAt(lobby, nowMs + 60_000))).toBe('checking');
});

test('[PG7] what bars the device outranks its status', () => {
  for (const bar of ['superseded', 'invalid', 'left'] as const) {
    expect(screenOf(sceneAt(after(frame(), { kind: 'barred', bar }), nowMs))).toBe(bar);
  }
});

test('[PG72] a start that moves in the lobby is noted, the first one told is not', () => {
  const lobby = { state: 'lobby', phase: 'lobby', startsAt: later(60_000) } as const;
  const first = after(frame(lobby));
  expect(first.startMoved).toBe(false);
  expect(after(frame(lobby), frame({ ...lobby, asOf: later(1_000) })).startMoved).toBe(false);
  const moved = after(frame(lobby), frame({ ...lobby, startsAt: later(120_000), asOf: later(1_000) }));
  expect(moved.startMoved).toBe(true);
});

test('[PG15] a call that has had all its time says so until it is over', () => {
  const called = { state: 'called', ahead: 0, claimBy: later(20_000) } as const;
  const spent = after(frame(called), { kind: 'extensions-spent' }, frame({ ...called, asOf: later(1_000) }));
  expect(spent.extensionsSpent).toBe(true);
  expect(reduce(spent, frame({ state: 'missed', asOf: later(2_000) })).extensionsSpent).toBe(false);
});

test('[PG133] what bars the device ends its claim: who goes on here gets the button of the call again', () => {
  // A tab that was superseded while it claimed stood on "Letting you in" for ever, and the call lapsed.
  const asking = after(frame({ state: 'called', ahead: 0 }), { kind: 'claiming', claiming: 'asking' });
  expect(asking.claiming).toBe('asking');
  const resumed = [{ kind: 'barred', bar: 'superseded' } as const, { kind: 'barred', bar: 'none' } as const];
  expect(resumed.reduce(reduce, asking).claiming).toBe('idle');
});

test('[PG172] only the gateway says that a device is let in; offline the call stands until its time is over', () => {
  // A tap without a network brought up "Letting you in, your turn is safe", and it stayed when the window was long over.
  const call = { state: 'called', ahead: 0, claimBy: later(60_000) } as const;
  const asked = after(frame(call), { kind: 'claiming', claiming: 'asking' });
  expect(screenOf(sceneAt(asked, nowMs))).toBe('called');
  const told = reduce(asked, frame({ ...call, state: 'entering', asOf: later(1_000) }, nowMs + 1_000));
  expect(screenOf(sceneAt(told, nowMs + 2_000))).toBe('entering');
  for (const model of [asked, told].map(given => reduce(given, { kind: 'lost', atMs: nowMs + 2_000 }))) {
    expect(screenOf(sceneAt(model, nowMs + 6_000))).toBe('called');
    expect(screenOf(sceneAt(model, nowMs + 59_999))).toBe('called');
    expect(screenOf(sceneAt(model, nowMs + 60_000))).toBe('offline');
  }
  for (const hold of [{ paused: true }, { shopFailing: true }]) {
    const held = after(frame({ ...call, ...hold }), { kind: 'lost', atMs: nowMs });
    expect(screenOf(sceneAt(held, nowMs + 90_000))).toBe('called');
  }
});
