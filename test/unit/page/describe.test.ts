// From scene to screen: what each one shows and what the fan can do on it.
import { expect, test } from 'vitest';
import { describe as describeScene, type View } from '../../../src/page/describe.ts';
import { createFormats } from '../../../src/page/formats.ts';
import { wording } from '../../../src/page/languages/en.ts';
import { loadLanguages } from '../../../src/page/languages.ts';
import type { Scene } from '../../../src/page/screen.ts';
import type { Status } from '../../../src/page/status.ts';
import { screens } from '../../../src/page/wording.ts';
import { aScene } from './a-scene.ts';
import { nowMs } from './a-status.ts';

const everyLanguage = await loadLanguages();
const formats = createFormats(wording, 'UTC');
const viewOf = (scene: Partial<Scene>, status: Partial<Status> = {}): View =>
  describeScene(aScene(scene, status), formats);
const inMs = (spanMs: number): string => new Date(nowMs + spanMs).toISOString();

test('[PG14] while waiting it shows ahead, the estimate as a range, the pace, the number and the last update', () => {
  const view = viewOf({});
  expect(view.figure).toMatchObject({ value: '5,420', after: 'people ahead of you' });
  expect(view.facts).toEqual([
    ['Estimated wait', 'about 35 to 50 minutes'],
    ['Being let in', '120 per minute'],
    ['Ticket code', '18204B'],
  ]);
  expect(view.progress).toBe(0.5);
  expect(view.connectionText).toContain('updated 1:00:00');
  expect(view.title).toBe('5,420 ahead – Festival');
});

test('[PG14] what STATUS does not say is not shown', () => {
  const view = viewOf({}, { ahead: null, etaSeconds: null, pacePerMinute: null, number: null });
  expect(view.figure).toBeNull();
  expect(view.progress).toBeNull();
  expect(view.facts).toEqual([]);
});

test('[LN140] where nobody can say a wait no pace is shown, and nobody is near', () => {
  const view = viewOf({}, { ahead: 3, etaSeconds: null, pacePerMinute: 600 });
  expect([view.screen, view.facts.map(([label]) => label)]).toEqual(['waiting', ['Estimated wait', 'Ticket code']]);
  expect(view.facts[0]?.[1]).toBe('stands still for now');
  expect(viewOf({}, { pacePerMinute: 600, calledPerMinute: 12 }).facts[1]).toEqual(['Being let in', '12 per minute']);
});

test('[PG14] paused and shop trouble say that the estimate stands still', () => {
  expect(viewOf({}, { paused: true }).facts[0]).toEqual(['Estimated wait', 'stands still for now']);
  expect(viewOf({}, { shopFailing: true }).facts[0]).toEqual(['Estimated wait', 'stands still for now']);
});

test('[PG14] checking and offline show the last true number with its age', () => {
  const checking = viewOf({ nowMs: nowMs + 95_000 }, { checking: true });
  expect(checking.screen).toBe('checking');
  expect(checking.figure?.value).toBe('5,420');
  expect(checking.connectionText).toMatch(/As of 1:00:00.*, 1 minute ago/);
  const offline = viewOf({ connection: 'lost', lostAtMs: nowMs, nowMs: nowMs + 20_000 });
  expect(offline.screen).toBe('offline');
  expect(offline.connectionText).toMatch(/Reconnecting.*20 seconds ago/);
});

test('[PG14] a number that rose is explained for a minute', () => {
  expect(viewOf({ roseAtMs: nowMs - 59_000 }).note).toBe(wording.notes.rose);
  expect(viewOf({ roseAtMs: nowMs - 60_000 }).note).toBe(wording.notes.count);
});

test('[PG15] the claim window counts down, warns for its last 30 s, and offers more time where that is possible', () => {
  const called = { state: 'called', ahead: 0, claimBy: inMs(30_001) } as const;
  expect(viewOf({}, called)).toMatchObject({ figure: { value: '0:31' }, hurrySeconds: null, canExtend: false });
  expect(viewOf({ nowMs: nowMs + 1 }, called)).toMatchObject({ hurrySeconds: 30, canExtend: false });
  const room = { id: 'sale', claim: 'confirm', extension: true } as const;
  expect(viewOf({ room, nowMs: nowMs + 1 }, called).canExtend).toBe(true);
  const spent = viewOf({ room, nowMs: nowMs + 1, extensionsSpent: true }, called);
  expect(spent).toMatchObject({ canExtend: false, note: wording.notes.noMoreTime });
});

test('[PG136] while the room is drained or has no cap nobody is told a wait or a pace, and the page says that nobody is let in', () => {
  const view = viewOf({}, { calling: false, etaSeconds: null, pacePerMinute: 60 });
  expect([view.screen, view.lead]).toEqual(['paused', wording.screens.paused.lead]);
  expect(view.facts[0]).toEqual(['Estimated wait', 'stands still for now']);
  expect(view.facts.map(([label]) => label)).not.toContain('Being let in');
  // Who is called goes on, and the clock with it.
  expect(viewOf({}, { calling: false, state: 'called', claimBy: inMs(60_000) }).figure).not.toBeNull();
});

// A full room said that it was paused, as if somebody had decided that.
test('[WR180] a full room says that it is full and goes on when somebody leaves, not that it is paused', () => {
  const full = { calling: false, full: true, etaSeconds: null, pacePerMinute: 60 };
  const view = viewOf({}, full);
  expect([view.screen, view.headline, view.lead]).toEqual([
    'full',
    'The shop is full',
    'As soon as somebody leaves it, the line goes on by itself. Nobody overtakes you.',
  ]);
  expect(view.figure?.value).toBe('5,420');
  expect(view.facts).toEqual([
    ['Estimated wait', 'stands still for now'],
    ['Ticket code', '18204B'],
  ]);
  expect([view.closing, view.canLeave]).toEqual([wording.notes.keepOpen, true]);
  // Paused as well it is paused: nobody goes in however many leave.
  expect(viewOf({}, { ...full, paused: true }).screen).toBe('paused');
  expect(viewOf({}, { ...full, shopFailing: true }).screen).toBe('trouble');
});

test('[PG15] while paused or the shop fails, the claim window shows no running clock', () => {
  for (const hold of [{ paused: true }, { shopFailing: true }]) {
    const view = viewOf({}, { state: 'called', claimBy: inMs(5_000), ...hold });
    expect(view).toMatchObject({ screen: 'called', figure: null, hurrySeconds: null, note: wording.notes.clockStands });
    expect(view.button?.action).toBe('claim');
  }
});

test('[PG15] with claim auto there is no button and no clock to race', () => {
  const view = viewOf({ room: { id: 'sale', claim: 'auto' } }, { state: 'called', claimBy: inMs(5_000) });
  expect(view).toMatchObject({ button: null, figure: null, note: wording.notes.claimingByItself });
});

test('[PG16] each screen has at most one button, and it does what the screen asks for', () => {
  const actionOf = (scene: Partial<Scene>, status: Partial<Status> = {}) =>
    viewOf(scene, status).button?.action ?? null;
  expect(actionOf({}, { state: 'called' })).toBe('claim');
  expect(actionOf({}, { state: 'missed' })).toBe('here');
  expect(actionOf({}, { state: 'left' })).toBe('rejoin');
  expect(actionOf({ bar: 'invalid' })).toBe('rejoin');
  expect(actionOf({ bar: 'superseded' })).toBe('resume');
  expect(actionOf({ claiming: 'stuck' })).toBe('go');
  expect(actionOf({ status: null, notice: { kind: 'shop-trouble' } })).toBe('retry');
  expect(actionOf({})).toBeNull();
  expect(actionOf({}, { state: 'ended' })).toBeNull();
});

test('[PG16] leaving is offered in line and in the lobby, not on the way in or after', () => {
  expect(viewOf({}).canLeave).toBe(true);
  expect(viewOf({}, { state: 'missed' }).canLeave).toBe(true);
  expect(viewOf({}, { state: 'entering' }).canLeave).toBe(false);
  expect(viewOf({ claiming: 'asking' }, { state: 'called' }).canLeave).toBe(false);
  expect(viewOf({}, { state: 'ended' }).canLeave).toBe(false);
});

test('[PG172] a call whose time ran out offline shows no number, and says that the place is kept', () => {
  const call = { state: 'called', ahead: 0, etaSeconds: null, claimBy: inMs(60_000) } as const;
  const view = viewOf({ connection: 'lost', lostAtMs: nowMs, nowMs: nowMs + 61_000 }, call);
  expect(view).toMatchObject({ screen: 'offline', figure: null, progress: null, note: wording.notes.ifMissed });
  expect(view.facts.map(([label]) => label)).toEqual(['Ticket code']);
});

test('[PG173] what was tapped and has no answer yet keeps its button, which says that it waits', () => {
  // "Tap below", said the screen, and there was nothing to tap.
  expect(viewOf({ claiming: 'asking' }, { state: 'missed' }).button).toEqual({ action: 'here', label: 'I am here …' });
  expect(viewOf({ claiming: 'asking' }, { state: 'called' }).button).toEqual({ action: 'claim', label: 'Enter now …' });
});

test('[PG16] the title tells of the call', () => {
  expect(viewOf({}, { state: 'called' }).title).toBe('● It is your turn – Festival');
});

test('[PG16] the operator’s message stands on every screen', () => {
  expect(viewOf({}, { message: 'Day 1 is sold out' }).message).toBe('Day 1 is sold out');
  expect(viewOf({ status: null, notice: { kind: 'busy', message: 'Hello' } }).message).toBe('Hello');
});

test('[PG16] every screen of the list can come up', () => {
  const seen = new Set<string>();
  const add = (scene: Partial<Scene>, status: Partial<Status> = {}) => seen.add(viewOf(scene, status).screen);
  for (const bar of ['superseded', 'invalid', 'left'] as const) add({ bar });
  for (const state of ['called', 'entering', 'missed', 'admitted', 'left', 'ended', 'waiting'] as const)
    add({}, { state });
  for (const kind of ['shop-trouble', 'room-closed', 'not-found', 'store-unavailable', 'busy'] as const) {
    add({ status: null, notice: { kind } });
  }
  add({}, { state: 'lobby', phase: 'lobby', startsAt: inMs(1_000) });
  add({}, { state: 'lobby' });
  add({}, { ahead: 20, etaSeconds: [10, 60] });
  add({}, { paused: true });
  add({}, { shopFailing: true });
  add({}, { checking: true });
  add({}, { stock: [{ name: 'Day 1', remaining: 0 }] });
  add({}, { calling: false, full: true });
  add({ connection: 'lost', lostAtMs: nowMs - 60_000 });
  expect([...seen].sort()).toEqual([...screens].sort());
});

test('[PG70] a line whose stock is all gone says so, one that has some left shows how much', () => {
  const dayOne = { name: 'Day 1', remaining: 0 };
  expect(viewOf({}, { stock: [dayOne, { name: 'Day 2', remaining: 0 }] }).screen).toBe('sold-out');
  const some = viewOf({}, { stock: [dayOne, { name: 'Day 2', remaining: 1_200 }, { name: 'Day 3', remaining: null }] });
  expect(some.screen).toBe('waiting');
  expect(some.facts.slice(-2)).toEqual([
    ['Day 1', 'sold out'],
    ['Day 2', '1,200 left'],
  ]);
  expect(viewOf({}, { stock: [] }).screen).toBe('waiting');
});

test('[PG71] the page says until when it may be closed, in line by the low end of the estimate, rounded down', () => {
  expect(viewOf({}).closing).toMatch(/your place is kept. Be back by 1:35\sAM UTC/);
  expect(viewOf({}, { etaSeconds: [599, 900] }).closing).toBe(wording.notes.keepOpen);
  expect(viewOf({}, { etaSeconds: null }).closing).toBe(wording.notes.keepOpen);
  expect(viewOf({}, { paused: true }).closing).toBe(wording.notes.closeAnyTime);
  const lobby = { state: 'lobby', phase: 'lobby', place: null, ahead: null } as const;
  expect(viewOf({}, { ...lobby, startsAt: inMs(120_001) }).closing).toBe(wording.notes.closeInLobby);
  expect(viewOf({}, { ...lobby, startsAt: inMs(120_000) }).closing).toBe(wording.notes.keepOpen);
});

test('[PG71] nobody whose ticket is in the page only is told to close it', () => {
  expect(viewOf({ cookiesBlocked: true }).closing).toBe(wording.notes.keepOpen);
  expect(viewOf({ cookiesBlocked: true }, { paused: true }).closing).toBeNull();
});

test('[PG72] a start that was moved while the device is in the lobby is said with its new time', () => {
  const lobby = { state: 'lobby', phase: 'lobby', startsAt: inMs(3_600_000) } as const;
  expect(viewOf({ startMoved: true }, lobby).note).toMatch(/^The start has been moved to Sun, May 9.*2:00\sAM UTC\.$/);
  expect(viewOf({}, lobby).note).toBeNull();
});

test('[PG73] alerts are offered until the call, the check of the draw to those who have a drawn place', () => {
  expect(viewOf({})).toMatchObject({ canAlert: true, canCheckDraw: true });
  expect(viewOf({}, { state: 'lobby', phase: 'lobby', place: null })).toMatchObject({
    canAlert: true,
    canCheckDraw: false,
  });
  expect(viewOf({}, { state: 'called' })).toMatchObject({ canAlert: false });
  expect(viewOf({}, { place: 18_204 }).canCheckDraw).toBe(false);
  expect(viewOf({ draws: true }, { place: 18_204 }).canCheckDraw).toBe(true);
});

test('[PG105] the check of the draw stays with those who were called, have missed it or came to the end', () => {
  for (const state of ['called', 'missed', 'ended'] as const) expect(viewOf({}, { state }).canCheckDraw).toBe(true);
  expect(viewOf({}, { state: 'left' }).canCheckDraw).toBe(false);
});

test('[PG107] a turn is near only with few ahead, however fast the line moves', () => {
  expect(viewOf({}, { ahead: 160, etaSeconds: [20, 80] }).screen).toBe('waiting');
  expect(viewOf({}, { ahead: 20, etaSeconds: [20, 80] }).screen).toBe('near');
});

test('[PG111] while the draw waits for what was announced, the page says for what and until about when', () => {
  const lobby = { state: 'lobby', phase: 'open', place: null, ahead: null, startsAt: inMs(-1_000) } as const;
  const drawWaits = { named: 'the Nikkei close', until: inMs(599_000) };
  const { screen, note, closing } = viewOf({}, { ...lobby, drawWaits });
  expect(screen).toBe('drawing');
  expect(note).toMatch(/waits for the Nikkei close, announced beforehand, until about 1:09\sAM UTC\.$/);
  expect(closing).toBe(wording.notes.closeAnyTime);
  expect(viewOf({}, lobby).note).toBeNull();
});

test('[PG136] a line that stands says so, and nobody in it is told that the turn is near', () => {
  // With no pace it said "Almost your turn. You will be let in shortly", and that an estimate follows.
  const view = viewOf({}, { ahead: 3, etaSeconds: null });
  expect(view.screen).toBe('waiting');
  expect(view.facts[0]).toEqual(['Estimated wait', 'stands still for now']);
});

test('[PG137] on every screen, numbers of a store out of reach carry their age instead of being called live', () => {
  const states = ['lobby', 'waiting', 'called', 'entering', 'missed'] as const;
  for (const state of states) {
    const view = viewOf(
      { nowMs: nowMs + 95_000 },
      { state, checking: true, startsAt: inMs(3_600_000), phase: 'lobby' },
    );
    expect(view.connectionText, state).toMatch(/^As of 1:00:00.*, 1 minute ago$/);
  }
});

test('[PG108] one note alone says whether the page may be closed, in every language', () => {
  for (const { screens: words, notes } of everyLanguage) {
    for (const { lead } of [words.waiting, words.lobby]) expect(lead).not.toContain(notes.keepOpen);
  }
});
