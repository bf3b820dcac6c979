// Faults that random seeds found, each as a story of its own: stores of several gateways over the simulated server, on a
// virtual clock, with nothing going wrong but what the story says.

import { expect, onTestFinished, test } from 'vitest';
import { Bitmap } from '../../src/queue/bitmap.ts';
import type { RoomChange } from '../../src/queue/room-change.ts';
import { keysOfRoom } from '../../src/store/redis/keys.ts';
import { RedisStore } from '../../src/store/redis/redis-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { useVirtualTimers } from '../support/virtual-timers.ts';
import { SimulatedLink } from './redis/simulated-link.ts';
import { SimulatedNetwork } from './redis/simulated-network.ts';

const room = 'sale';
const change = (place: number): RoomChange => ({ kind: 'withdrawn', places: [place] });

function network() {
  const clock = new VirtualClock();
  onTestFinished(useVirtualTimers(clock));
  const server = new SimulatedNetwork(() => clock.nowMs());
  const deaf = new Set<string>();
  const messageMs = new Map<string, number>();
  const open = (name: string) => {
    const link = new SimulatedLink({
      ...{ network: server, clock, connectMs: () => 10, diesAt: () => false, beforeRun: () => undefined },
      fate: () => ({ delayMs: messageMs.get(name) ?? 2, times: deaf.has(name) ? 0 : 1, isAnswered: true }),
      onFault: () => undefined,
      inProcess: act => act(),
    });
    const ownClock = { nowMs: () => clock.nowMs(), stop: () => undefined };
    const onFailure = (error: unknown) => {
      throw error;
    };
    const { subscriptions } = link;
    const store = new RedisStore(
      { keyPrefix: 'junban' },
      { onFailure },
      { link, instance: name, clock: ownClock, subscriptions },
    );
    return { name, link, store };
  };
  /** The outcome of a call, after as much time as it takes. */
  const now = async <Result>(call: Result | Promise<Result>): Promise<Result> => {
    const settled = Promise.resolve(call);
    await clock.advance(50);
    return settled;
  };
  return { clock, server, deaf, messageMs, open, now };
}

type Gateway = ReturnType<ReturnType<typeof network>['open']>;

/** Loads the room and follows it. */
async function follow({ store }: Gateway, onBehind = () => undefined): Promise<void> {
  const { snapshot, changes } = await store.load(room);
  store.follow(room, (snapshot?.version ?? 0) + changes.length, () => undefined, onBehind);
}

async function lead({ store, name }: Gateway): Promise<number> {
  const taken = await store.lead(room, name);
  if (taken === null) throw new Error(`${name} does not lead`);
  return taken.epoch;
}

test('[ST230] an answer waits for a follower that has to load what it rests on', async () => {
  // The answer came as soon as the history was read, before the room was: a pass was given that its gateway did not know.
  const { clock, deaf, open, now } = network();
  const [caller, other] = [open('caller'), open('other')];
  await now(follow(caller));
  const epoch = await now(lead(caller));
  let isBehind = false;
  await now(
    follow(other, () => {
      isBehind = true;
    }),
  );
  deaf.add('other');
  await now(caller.store.commit(room, epoch, 0, [change(1), change(2)]));
  await now(caller.store.compact(room, epoch, 2, Buffer.from('a snapshot')));
  deaf.delete('other');
  caller.store.exchange.answerAsked(room, async () => ({ kind: 'refused', reason: 'as in this test' }));
  let answer: unknown = null;
  other.store.exchange.ask(room, { kind: 'claim', place: 1 }).then(given => {
    answer = given;
  }, expect.unreachable);
  await clock.advance(400);
  expect([isBehind, answer]).toEqual([true, null]);
  await now(follow(other));
  await clock.advance(600);
  expect(answer).toEqual({ kind: 'refused', reason: 'as in this test' });
});

test.each([
  ['was cut off and knows less', 'late'],
  ['has just started and knows nothing', 'newcomer'],
])(
  '[ST231] after a FLUSHALL a gateway that %s leads nobody before the others put back what they know',
  async (_, first) => {
    // It put back its shorter history and called, and what the others knew was given up though all of them were there.
    const { clock, server, open, now } = network();
    const [caller, other, late] = [open('caller'), open('other'), open('late')];
    await now(follow(caller));
    const epoch = await now(lead(caller));
    await now(caller.store.commit(room, epoch, 0, [change(1)]));
    await now(Promise.all([follow(other), follow(late)]));
    // As it asks for the lead now and then.
    await now(other.store.lead(room, other.name));
    late.link.cut();
    await now(caller.store.commit(room, epoch, 1, [change(2), change(3)]));
    server.flush();
    const flushedAtMs = clock.nowMs();
    late.link.heal();
    const asking = first === 'late' ? [late, other] : [open(first), late, other];
    await clock.advance(20);
    let [ledAtMs, leader] = [0, ''];
    for (let step = 0; leader === '' && step < 60; step += 1) {
      // Callers renew every second; the others ask as soon as they may.
      for (const { store, name } of step % 10 === 9 ? [...asking, caller] : asking) {
        const taken = await now(store.lead(room, name));
        if (taken !== null) [ledAtMs, leader] = [clock.nowMs(), name];
        if (taken !== null) break;
      }
    }
    expect(ledAtMs - flushedAtMs).toBeGreaterThanOrEqual(2_500);
    expect(ledAtMs - flushedAtMs).toBeLessThan(3_500);
    expect((await now(late.store.load(room))).changes).toEqual([change(1), change(2), change(3)]);
  },
);

test('[ST232] a gateway that began with a snapshot puts back a history that ends before it', async () => {
  // It knew no change before its snapshot by name, took the replica for another history and gave up what it knew.
  const { clock, server, open, now } = network();
  const caller = open('caller');
  await now(follow(caller));
  const epoch = await now(lead(caller));
  await now(caller.store.commit(room, epoch, 0, [change(1)]));
  server.cutReplicaOff();
  await now(caller.store.commit(room, epoch, 1, [change(2), change(3)]));
  await now(caller.store.compact(room, epoch, 2, Buffer.from('a snapshot')));
  const other = open('other');
  await now(follow(other));
  caller.link.close();
  server.failOver();
  await clock.advance(2_000);
  const { snapshot, changes } = await now(open('newcomer').store.load(room));
  expect([snapshot?.version, changes]).toEqual([2, [change(3)]]);
});

test('[ST233] numbers go on behind what was lost also where the replica had heard of none', async () => {
  // An empty counter began at 0 again, though it was asked how many there are before the replica lost touch.
  const { clock, server, open, now } = network();
  const first = open('first');
  expect(await now(first.store.countNumbers(room))).toBe(0);
  server.cutReplicaOff();
  expect(await now(first.store.takeNumbers(room, 3))).toBe(0);
  server.failOver();
  await clock.advance(500);
  expect(await now(open('newcomer').store.takeNumbers(room, 1))).toBeGreaterThanOrEqual(3);
});

test('[ST289] whoever calls on a line that was begun later does not go on with that on one as long that is put back', async () => {
  // The caller's own state was of the other line, and nobody told it: it ended passes that there had never been.
  const { clock, server, open, now } = network();
  const [first, later] = [open('first'), open('later')];
  await now(follow(first));
  const epoch = await now(lead(first));
  await now(first.store.commit(room, epoch, 0, [change(1), change(2)]));
  first.link.cut();
  server.flush();
  await now(follow(later));
  // On a server that was emptied nobody leads at once.
  await now(later.store.lead(room, later.name));
  await clock.advance(3_000);
  const laterEpoch = await now(lead(later));
  expect(await now(later.store.commit(room, laterEpoch, 0, [change(3), change(4)]))).toEqual({ kind: 'committed' });
  first.link.heal();
  await clock.advance(6_000);
  expect((await now(later.store.load(room))).changes).toEqual([change(1), change(2)]);
  expect(await now(later.store.commit(room, laterEpoch, 2, [change(5)]))).toEqual({ kind: 'fenced' });
});

test('[ST217] a gateway that knows a line from messages alone puts it back as the one that it is', async () => {
  // It put it back as a line begun later, over which whoever knew less of the line of before would put that.
  const { clock, server, open, now } = network();
  const [other, caller] = [open('other'), open('caller')];
  await now(Promise.all([follow(other), follow(caller)]));
  const epoch = await now(lead(caller));
  await now(caller.store.commit(room, epoch, 0, [change(1)]));
  const originThere = () => server.server.field(keysOfRoom('junban', room).head, 'origin');
  const origin = originThere();
  caller.link.cut();
  server.flush();
  await clock.advance(6_000);
  await now(other.store.lead(room, other.name));
  await clock.advance(3_000);
  await now(lead(other));
  expect([originThere(), (await now(other.store.load(room))).changes]).toEqual([origin, [change(1)]]);
});

test.each([
  ['said within 2 s is taken', 1_900, [7]],
  ['said later is not', 2_100, []],
])('[ST260] a word that somebody left %s', async (_, delayMs, taken) => {
  // A gateway that had been frozen said it 12 s late, and ended the connections of a device that had come back since.
  const { clock, messageMs, open, now } = network();
  const [first, other] = [open('first'), open('other')];
  await now(Promise.all([follow(first), follow(other)]));
  const left: number[] = [];
  other.store.exchange.onLeft(room, numbers => left.push(...numbers));
  messageMs.set('other', delayMs);
  first.store.exchange.tellLeft(room, 7);
  await clock.advance(3_000);
  expect(left).toEqual(taken);
});

test('[ST194] a gateway that is back after a failover and has not compared yet what it knows is waited for', async () => {
  // It was not, once it had asked for the lead: another one led and called while it read, and what it knew was given up.
  const { clock, server, deaf, messageMs, open, now } = network();
  const [caller, other] = [open('caller'), open('other')];
  await now(Promise.all([follow(caller), follow(other)]));
  const epoch = await now(lead(caller));
  await now(caller.store.commit(room, epoch, 0, [change(1)]));
  const here = { order: 0, bytes: new Bitmap().toBytes() };
  await now(Promise.all([caller, other].map(({ store }) => store.exchange.sayPresent(room, here, 12_000))));
  server.cutReplicaOff();
  deaf.add('other');
  await now(caller.store.commit(room, epoch, 1, [change(2), change(3)]));
  deaf.delete('other');
  messageMs.set('caller', 700);
  // Its lease ends soon.
  await clock.advance(1_700);
  server.failOver();
  await clock.advance(20);
  caller.store.lead(room, 'caller').catch(() => undefined);
  let leader: unknown = null;
  for (let step = 0; leader === null && step < 100; step += 1) leader = await now(other.store.lead(room, 'other'));
  expect(leader).not.toBe(null);
  expect((await now(other.store.load(room))).changes).toEqual([change(1), change(2), change(3)]);
});
