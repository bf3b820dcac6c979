// A history that has grown long: how much of it a gateway reads, and that no length is too much.

import { expect, test } from 'vitest';
import { HistoryMemory } from '../../../../src/store/redis/history-memory.ts';
import { keysOfRoom } from '../../../../src/store/redis/keys.ts';
import { RoomHistory } from '../../../../src/store/redis/room-history.ts';
import type { ScriptArgument } from '../../../../src/store/redis/run-script.ts';
import type { Script } from '../../../../src/store/redis/scripts.ts';

const change = '{"kind":"withdrawn","places":[1]}';

/** Answers as read-history.lua does, for a room of so many changes. */
function storedRoom(length: number) {
  const stored = { base: 0, length, wholeReads: 0 };
  const run = async (script: Script, _keys: readonly string[], [after]: readonly ScriptArgument[]) => {
    expect(script.name).toBe('read-history');
    const { base } = stored;
    const version = base + stored.length;
    if (Number(after) < 0) stored.wholeReads += 1;
    const from = Number(after) < 0 ? base : Number(after);
    const tagAt = (at: number) => (at === 0 ? '' : `t${at}`);
    const head = [from < base ? 0 : 1, base, tagAt(base), version, tagAt(version), 1, '0', '1', 'o', '2.0.0'];
    const snapshot = Buffer.from(base === 0 || Number(after) >= 0 ? '' : '{}');
    const entries = Array.from({ length: Math.max(0, version - from) }, (_, index) => `t${from + index + 1} ${change}`);
    return [...head, snapshot, 1, ...entries];
  };
  return { stored, run };
}

test('[ST181] a long history is read as a whole once, and again when there is a newer snapshot', async () => {
  const { stored, run } = storedRoom(5_000);
  const history = new RoomHistory({
    ...{ link: { run, runId: 'r' }, keys: keysOfRoom('junban', 'sale') },
    numbers: { floor: 0, heard: () => false, count: async () => 0 },
    softwareVersion: '1.0.0',
    onLoss: () => undefined,
    onGivenUp: () => undefined,
    onDelivered: () => undefined,
    onFailure: error => {
      throw error;
    },
  });
  const { changes } = await history.load();
  let seen = changes.length;
  const stop = history.follow({
    version: seen,
    onChanges: more => {
      seen += more.length;
    },
    onBehind: () => undefined,
  });
  const look = async () => {
    history.look();
    await new Promise(setImmediate);
  };
  for (let looks = 0; looks < 5; looks += 1) {
    stored.length += 1;
    await look();
  }
  expect([seen, stored.wholeReads]).toEqual([5_005, 1]);
  Object.assign(stored, { base: 5_000, length: 6 });
  await look();
  await look();
  expect([seen, history.version, stored.wholeReads]).toEqual([5_006, 5_006, 2]);
  stop();
  history.stop();
});

test('[ST181] no number of changes at once is too many', () => {
  const memory = new HistoryMemory();
  const entries = Array.from({ length: 300_000 }, (_, index) => ({ tag: `t${index}`, body: change }));
  expect(memory.append(0, '', entries)).toBe(true);
  expect(memory.version).toBe(300_000);
});

// The changes of a message were read a second time, unguarded, for those who wait for answers in them.
test('[ST161] a change that nobody can read is told once and ends nothing else', async () => {
  const { stored, run } = storedRoom(2);
  const failures: unknown[] = [];
  let delivered = 0;
  const history = new RoomHistory({
    ...{ link: { run, runId: 'r' }, keys: keysOfRoom('junban', 'sale') },
    numbers: { floor: 0, heard: () => false, count: async () => 0 },
    softwareVersion: '1.0.0',
    onLoss: () => undefined,
    onGivenUp: () => undefined,
    onDelivered: changes => {
      delivered += changes.length;
    },
    onFailure: error => failures.push(error),
  });
  await history.load();
  const behind: number[] = [];
  history.follow({ version: 2, onChanges: () => undefined, onBehind: () => behind.push(history.version) });
  await new Promise(setImmediate);
  stored.length = 3;
  history.heard(2, 't2', [{ tag: 't3', body: 'no JSON' }]);
  expect([behind, failures.length, delivered]).toEqual([[3], 1, 0]);
  stored.length = 4;
  history.heard(3, 't3', [{ tag: 't4', body: change }]);
  expect(delivered).toBe(1);
  history.stop();
});

// Where nobody followed any more all counted as followed: answers came before the changes that they rest on.
test('[ST230] an answer waits for a follower that could not take a change and loads again', async () => {
  const { stored, run } = storedRoom(2);
  const history = new RoomHistory({
    ...{ link: { run, runId: 'r' }, keys: keysOfRoom('junban', 'sale') },
    numbers: { floor: 0, heard: () => false, count: async () => 0 },
    ...{ softwareVersion: '1.0.0', onLoss: () => undefined, onGivenUp: () => undefined, onDelivered: () => undefined },
    onFailure: error => {
      throw error;
    },
  });
  await history.load();
  // As a view does that fails at a change.
  const stop = history.follow({ version: 2, onChanges: () => stop(), onBehind: () => undefined });
  await new Promise(setImmediate);
  stored.length = 3;
  history.heard(2, 't2', [{ tag: 't3', body: change }]);
  let isAnswered = false;
  history.whenFollowed(3, () => {
    isAnswered = true;
  });
  await new Promise(setImmediate);
  expect(isAnswered).toBe(false);
  history.follow({ version: 3, onChanges: () => undefined, onBehind: () => undefined });
  await new Promise(setImmediate);
  expect(isAnswered).toBe(true);
  history.stop();
});
