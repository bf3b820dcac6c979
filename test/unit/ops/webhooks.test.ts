// What is told about a room from look to look, how it is signed, and where it never goes.
import { describe, expect, test } from 'vitest';
import type { ReportedLimit } from '../../../src/ops/room-report.ts';
import { WebhookOutbox } from '../../../src/ops/webhooks/outbox.ts';
import { isPrivateAddress } from '../../../src/ops/webhooks/private-address.ts';
import { type RoomWatch, watchRoom } from '../../../src/ops/webhooks/room-events.ts';
import { signWebhook } from '../../../src/ops/webhooks/sign.ts';
import { shownUrl } from '../../../src/ops/webhooks/webhook-sender.ts';
import { Webhooks } from '../../../src/ops/webhooks/webhooks.ts';
import { standRoom } from '../../integration/ops/ops-stand.ts';
import { memoryOperators } from '../../support/memory-operators.ts';

const calm = { ...(await standRoom().report()), phase: 'open', waiting: 10, active: 0 } as const;
type Change = {
  readonly active?: number;
  readonly phase?: 'open' | 'ended';
  readonly waiting?: number;
  readonly stock?: { readonly name: string; readonly remaining: number | null }[];
  readonly paused?: boolean;
  readonly draining?: boolean;
  readonly limit?: ReportedLimit;
  readonly pacePerMinute?: number;
};

/** Looks a minute apart; the types of what is told at each. */
const told = (...changes: readonly Change[]) => toldEvery(60_000, changes);

function toldEvery(periodMs: number, changes: readonly Change[]): readonly (readonly string[])[] {
  let watch: RoomWatch | null = null;
  return [{}, ...changes].map((change, index) => {
    const seen = watchRoom(watch, { ...calm, ...change }, { longLine: 100, nowMs: index * periodMs });
    watch = seen.watch;
    return seen.events.map(({ type }) => type);
  });
}

describe('what is told', () => {
  test.each<[string, readonly Change[], readonly (readonly string[])[]]>([
    ['a phase', [{ phase: 'ended' }], [[], ['room.phase']]],
    [
      'a long line once, until it was a fifth shorter',
      [
        { waiting: 100, paused: true },
        { waiting: 90, paused: true },
        { waiting: 100, paused: true },
        { waiting: 70, paused: true },
        { waiting: 100, paused: true },
      ],
      [[], ['line.long'], [], [], [], ['line.long']],
    ],
    [
      'an empty line',
      [
        { waiting: 0 },
        { waiting: 0 },
        { waiting: 1, paused: true },
        { waiting: 1, paused: true },
        { waiting: 0 },
        { waiting: 0 },
      ],
      [[], [], ['line.empty'], [], [], [], ['line.empty']],
    ],
    ['a line that stands still for two minutes', [{}, {}, {}], [[], [], ['line.stuck'], []]],
    ['no line that is paused', [{ paused: true }, { paused: true }, { paused: true }], [[], [], [], []]],
    ['no line before a full shop', [{ active: 500 }, { active: 500 }, { active: 500 }], [[], [], [], []]],
    [
      'sold out, when nothing is left',
      [
        {
          stock: [
            { name: 'a', remaining: 0 },
            { name: 'b', remaining: null },
          ],
        },
        { stock: [{ name: 'a', remaining: 0 }] },
      ],
      [[], [], ['line.stuck', 'stock.sold-out']],
    ],
  ])('[OP89] %s', (_, changes, expected) => {
    expect(told(...changes)).toEqual(expected);
  });
});

describe('what is no news', () => {
  test.each<[string, Change]>([
    ['is drained', { draining: true, limit: 'draining' }],
    ['has called as many as fit into the shop', { active: 8, limit: 'cap' }],
    ['waits for those who were called', { limit: 'claim-window' }],
    ['calls one in five minutes', { pacePerMinute: 0.2 }],
  ])('[OP195] a line is not stuck while the room %s', (_, change) => {
    expect(told(...Array<Change>(6).fill(change)).flat()).toEqual([]);
  });

  test('[OP195] at a low pace a line is stuck when two calls were missed', () => {
    const types = told(...Array<Change>(11).fill({ pacePerMinute: 0.2 }));
    expect(types.map(each => each.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  });

  test('[OP196] a line that comes and goes by the second is empty once at most', () => {
    const byTheSecond = Array.from({ length: 600 }, (_, index) => ({ waiting: index % 2 }));
    expect(toldEvery(1_000, byTheSecond).flat()).toEqual([]);
    const emptyBetween = Array.from({ length: 600 }, (_, index) => ({ waiting: index % 60 === 59 ? 1 : 0 }));
    expect(toldEvery(1_000, emptyBetween).flat()).toEqual(['line.empty']);
  });
});

describe('what waits to be sent', () => {
  async function openOutbox(count: number) {
    const outbox = new WebhookOutbox(memoryOperators(), 'https://hooks.example/');
    for (let index = 0; index < count; index += 1) await outbox.add({ id: `msg_${index}`, type: 'a', body: '{}' });
    const take = async (holder: string, nowMs: number) => {
      const taken = await outbox.take(holder, nowMs, 13_000);
      return taken.kind === 'message' ? `${taken.message.id} try ${taken.message.tries}` : taken.untilMs;
    };
    const postpone = (holder: string, id: string, dueAtMs: number) =>
      outbox.settle(holder, id, { kind: 'postponed', dueAtMs, failure: 'it answered 400' });
    return { outbox, take, postpone };
  }

  test('[OP197] a message that was refused holds up no other', async () => {
    const { outbox, take, postpone } = await openOutbox(3);
    expect(await take('a', 0)).toBe('msg_0 try 1');
    await postpone('a', 'msg_0', 5_000);
    expect(await take('a', 1)).toBe('msg_1 try 1');
    await outbox.settle('a', 'msg_1', { kind: 'over' });
    expect(await take('a', 2)).toBe('msg_2 try 1');
    await outbox.settle('a', 'msg_2', { kind: 'over' });
    expect([await take('a', 3), await take('a', 5_000)]).toEqual([5_000, 'msg_0 try 2']);
  });

  test('[OP197] while five fail no other is tried', async () => {
    const { take, postpone } = await openOutbox(7);
    for (let index = 0; index < 5; index += 1) {
      expect(await take('a', 0)).toBe(`msg_${index} try 1`);
      await postpone('a', `msg_${index}`, 5_000 + index);
    }
    expect([await take('a', 1), await take('a', 5_000)]).toEqual([5_000, 'msg_0 try 2']);
  });

  test('[OP198] a try that outlived its time changes nothing of the one that followed', async () => {
    const { outbox, take, postpone } = await openOutbox(1);
    expect(await take('a', 0)).toBe('msg_0 try 1');
    expect(await take('b', 14_000)).toBe('msg_0 try 2');
    await outbox.settle('a', 'msg_0', { kind: 'untried' });
    await outbox.settle('a', 'msg_0', { kind: 'over' });
    expect(await take('c', 14_001)).toBe(27_000);
    await postpone('b', 'msg_0', 20_000);
    await outbox.settle('a', 'msg_0', { kind: 'over' });
    expect([await take('c', 15_000), await take('c', 20_000)]).toEqual([20_000, 'msg_0 try 3']);
  });
});

test('[OP204] a room that cannot be looked at keeps no other from being told', async () => {
  const failures: unknown[] = [];
  const bug = new Error('a bug');
  let phase: 'lobby' | 'open' = 'lobby';
  const webhooks = new Webhooks({
    hooks: [{ url: 'http://127.0.0.1:1/', secret: 'AAAA', events: ['room.phase'], allowPrivate: false }],
    ...{ longLine: 100, store: memoryOperators(), holder: 'a', nowMs: () => 0 },
    rooms: () => [
      { id: 'bad', report: () => Promise.reject(bug) },
      { id: 'good', report: async () => ({ ...calm, phase }) },
    ],
    onFailure: error => failures.push(error),
  });
  await webhooks.look();
  phase = 'open';
  await webhooks.look();
  expect([failures, webhooks.states()[0]?.waiting]).toEqual([[bug, bug], 1]);
  await webhooks.stop();
});

test('[OP110] a message is signed as the example of Standard Webhooks', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const signature = signWebhook(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}');
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0', '100.64.0.1', '224.0.0.1'],
  ...['::1', '::', 'fd00::1', 'fe80::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::a00:1', 'localhost', ''],
  ...['::10.0.0.1', '::a00:1', '64:ff9b:1::a00:1', '64:ff9b:1:ffff::1', 'fec0::1', 'feff::1'],
])('[OP111] %s is a private address', address => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])('[OP111] %s is none', address => {
  expect(isPrivateAddress(address)).toBe(false);
});

test.each([
  ['https://hooks.example/services/T0/B0/secret', 'https://hooks.example/services/…'],
  ['https://hooks.example/in?key=secret', 'https://hooks.example/in?…'],
  ['https://hooks.example', 'https://hooks.example/'],
])('[OP112] of %s operators see %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
