// What is told about a room from look to look, how it is signed, and where it never goes.
import { describe, expect, test } from 'vitest';
import { isPrivateAddress } from '../../../src/ops/webhooks/private-address.ts';
import { type RoomWatch, watchRoom } from '../../../src/ops/webhooks/room-events.ts';
import { signWebhook } from '../../../src/ops/webhooks/sign.ts';
import { shownUrl } from '../../../src/ops/webhooks/webhook-sender.ts';
import { standRoom } from '../../integration/ops/ops-stand.ts';

const calm = { ...(await standRoom().report()), phase: 'open', waiting: 10, active: 0 } as const;
type Change = {
  readonly active?: number;
  readonly phase?: 'open' | 'ended';
  readonly waiting?: number;
  readonly stock?: { readonly name: string; readonly remaining: number | null }[];
  readonly paused?: boolean;
};

/** Looks a minute apart; the types of what is told at each. */
function told(...changes: readonly Change[]): readonly (readonly string[])[] {
  let watch: RoomWatch | null = null;
  return [{}, ...changes].map((change, index) => {
    const seen = watchRoom(watch, { ...calm, ...change }, { longLine: 100, nowMs: index * 60_000 });
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
      [{ waiting: 0 }, { waiting: 0 }, { waiting: 1 }, { waiting: 0 }],
      [[], ['line.empty'], [], [], ['line.empty']],
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

test('[OP110] a message is signed as the example of Standard Webhooks', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const signature = signWebhook(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}');
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0', '100.64.0.1', '224.0.0.1'],
  ...['::1', '::', 'fd00::1', 'fe80::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::a00:1', 'localhost', ''],
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
