// Webhooks over real HTTP: delivered once and signed, tried again, given up visibly; and targets that hang, loop or lie
// inside the network.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RoomReport } from '../../../src/ops/room-report.ts';
import { WebhookOutbox } from '../../../src/ops/webhooks/outbox.ts';
import { post } from '../../../src/ops/webhooks/post.ts';
import { signWebhook } from '../../../src/ops/webhooks/sign.ts';
import { Webhooks } from '../../../src/ops/webhooks/webhooks.ts';
import type { OperatorsStore } from '../../../src/store/operators-store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { memoryOperators } from '../../support/memory-operators.ts';
import { standRoom } from './ops-stand.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
type Got = { readonly headers: IncomingMessage['headers']; readonly body: string };

let target: Server;
let url: string;
let got: Got[];
let answer: (response: ServerResponse) => void;
let store: OperatorsStore;
let opened: Webhooks[];
beforeEach(async () => {
  [got, opened, store] = [[], [], memoryOperators()];
  answer = response => response.writeHead(204).end();
  target = createServer(async (request, response) => {
    got.push({ headers: request.headers, body: await text(request) });
    answer(response);
  });
  await new Promise<void>(resolve => target.listen(0, '127.0.0.1', resolve));
  const address = target.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook?key=hidden`;
});
afterEach(async () => {
  for (const webhooks of opened) await webhooks.stop();
  target.closeAllConnections();
  target.close();
});

type Change = {
  readonly url?: string;
  readonly allowPrivate?: boolean;
  readonly timeoutMs?: number;
  readonly nowMs?: () => number;
};

function openWebhooks({ nowMs = Date.now, timeoutMs = 200, ...change }: Change = {}, holder = 'one') {
  const report = { current: { ...standRoom().report(), phase: 'lobby' } as RoomReport };
  const webhooks = new Webhooks({
    hooks: [{ url, secret, events: ['room.phase'], allowPrivate: true, ...change }],
    longLine: 100,
    store,
    holder,
    rooms: () => [{ id: 'sale', report: async () => report.current }],
    nowMs,
    onFailure: error => {
      throw error;
    },
    retryAfterMs: [20, 20],
    timeoutMs,
  });
  opened.push(webhooks);
  const enter = async (phase: RoomReport['phase']) => {
    report.current = { ...report.current, phase };
    await webhooks.look();
  };
  return { webhooks, enter };
}

const deadLetter = (webhooks: Webhooks) =>
  expect.poll(async () => (await webhooks.deadLetters(10))[0], { timeout: 3_000 });

test('[OP110] a change of phase is told once, signed, with id and time; a second caller does not tell it again', async () => {
  const { enter, webhooks } = openWebhooks();
  await enter('lobby');
  await enter('open');
  await expect.poll(() => got.length).toBe(1);
  const [{ headers, body } = { headers: {}, body: '' }] = got;
  expect(JSON.parse(body)).toMatchObject({
    type: 'room.phase',
    data: { room: 'sale', phase: 'open', before: 'lobby' },
  });
  const [id, at] = [String(headers['webhook-id']), Number(headers['webhook-timestamp'])];
  expect(headers['webhook-signature']).toBe(signWebhook(secret, id, at, body));
  await expect
    .poll(() => webhooks.states())
    .toMatchObject([{ delivered: 1, waiting: 0, url: expect.not.stringContaining('hidden') }]);
  const other = openWebhooks();
  await other.enter('open');
  await other.enter('ended');
  await expect.poll(() => got.length).toBe(2);
  expect(JSON.parse(got[1]?.body ?? '')).toMatchObject({ data: { phase: 'ended', before: 'open' } });
});

test('[OP112] what fails is tried again under the same id, and then delivered', async () => {
  answer = response => response.writeHead(got.length < 3 ? 500 : 200).end();
  const { enter, webhooks } = openWebhooks();
  await enter('lobby');
  await enter('open');
  await expect.poll(() => webhooks.states()[0]?.delivered).toBe(1);
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect([got.length, await webhooks.deadLetters(10)]).toEqual([3, []]);
});

test.each<[string, (response: ServerResponse) => void, RegExp]>([
  ['hangs', () => undefined, /no answer within 200 ms/],
  [
    'loops',
    response => response.writeHead(302, { location: '/hook' }).end(),
    /answered 302; redirects are not followed/,
  ],
  ['refuses', response => response.writeHead(410).end(), /answered 410/],
])('[OP112] a target that %s: given up after three tries, visibly', async (_, answering, failure) => {
  answer = answering;
  const { enter, webhooks } = openWebhooks();
  await enter('lobby');
  await enter('open');
  await deadLetter(webhooks).toMatchObject({ tries: 3, type: 'room.phase', failure: expect.stringMatching(failure) });
  expect(got.length).toBe(3);
});

test.each([
  'http://127.0.0.1:1/',
  'http://[::1]:1/',
  'http://localhost:1/',
  'http://169.254.169.254/latest/',
  'http://2130706433:1/',
])('[OP111] %s is not asked without permission', async private_ => {
  const { enter, webhooks } = openWebhooks({ url: private_, allowPrivate: false });
  await enter('lobby');
  await enter('open');
  await deadLetter(webhooks).toMatchObject({ failure: expect.stringContaining('the address is private') });
});

test('[OP144] what waits is sent by the next gateway, under its id', async () => {
  answer = () => undefined;
  const { enter, webhooks } = openWebhooks();
  await enter('lobby');
  await enter('open');
  await expect.poll(() => got.length).toBe(1);
  await webhooks.stop();
  expect(await webhooks.deadLetters(10)).toEqual([]);
  answer = response => response.writeHead(204).end();
  const other = openWebhooks({}, 'other');
  await other.enter('open');
  await expect.poll(() => other.webhooks.states()).toMatchObject([{ delivered: 1, waiting: 0 }]);
  expect(got.map(({ headers }) => headers['webhook-id'])).toEqual(Array(2).fill(got[0]?.headers['webhook-id']));
});

test('[OP144] while one gateway sends another does not, and both show what waits', async () => {
  answer = () => undefined;
  const one = openWebhooks();
  await one.enter('lobby');
  await one.enter('open');
  await expect.poll(() => got.length).toBe(1);
  const other = openWebhooks({}, 'other');
  await other.enter('open');
  await expect.poll(() => other.webhooks.states()).toMatchObject([{ waiting: 1, failed: 0 }]);
  expect(got.length).toBe(1);
});

test('[OP112] more than 200 messages do not wait: what comes then is a dead letter', async () => {
  const outbox = new WebhookOutbox(store, url);
  for (let count = 0; count < 200; count += 1) {
    expect(await outbox.add({ id: `msg_${count}`, type: 'room.phase', body: '{}' })).toBe(true);
  }
  expect(await outbox.add({ id: 'msg_0', type: 'room.phase', body: '{}' })).toBe(true);
  answer = () => undefined;
  const { enter, webhooks } = openWebhooks();
  await enter('lobby');
  await enter('open');
  await deadLetter(webhooks).toMatchObject({
    tries: 0,
    failure: '200 messages wait already',
    body: { data: { phase: 'open' } },
  });
  expect(outbox.seen.waiting).toBe(200);
});

test('[OP111] a name is looked up once, and it is that address that is asked', async () => {
  const answers = [[{ address: '192.0.2.1', family: 4 }], [{ address: '127.0.0.1', family: 4 }]];
  let asked = 0;
  const resolveName = ((_: string, __: object, callback: (error: null, found: object) => void) => {
    callback(null, answers[Math.min(asked, 1)] ?? []);
    asked += 1;
  }) as unknown as NonNullable<Parameters<typeof post>[0]['resolveName']>;
  const { port } = new URL(url);
  const signal = new AbortController().signal;
  const ask = () =>
    post({
      url: `http://rebind.test:${port}/`,
      headers: {},
      body: '{}',
      allowPrivate: false,
      timeoutMs: 150,
      signal,
      resolveName,
    });
  // The first answer is public (a documentation address, where nobody is): it is that one that is connected to.
  expect(await ask()).toEqual({ kind: 'failed', reason: expect.not.stringContaining('private') });
  expect(asked).toBe(1);
  expect(await ask()).toEqual({ kind: 'failed', reason: expect.stringContaining('the address is private') });
  expect(got).toEqual([]);
});

test('[OP144] a gateway that is killed over a message keeps it from nobody: another sends it once its time is over', async () => {
  answer = () => undefined;
  const { enter } = openWebhooks({ timeoutMs: 60_000 });
  await enter('lobby');
  await enter('open');
  await expect.poll(() => got.length).toBe(1);
  answer = response => response.writeHead(204).end();
  const other = openWebhooks({ nowMs: () => Date.now() + 64_000 }, 'other');
  await other.enter('open');
  await expect.poll(() => other.webhooks.states()).toMatchObject([{ delivered: 1, waiting: 0 }]);
  const [before, after] = got.map(({ headers, body }) => [headers['webhook-id'], body]);
  expect(after).toEqual(before);
});

test('[OP144] what was noticed right before a kill is told by whoever looks next', async () => {
  const isKept = { outboxes: false };
  const { replaceDocument } = store;
  store.replaceDocument = async (name, ...rest) => {
    if (name.startsWith('webhook-outbox') && !isKept.outboxes) throw new StoreError('unavailable', 'killed here');
    return replaceDocument(name, ...rest);
  };
  const { enter } = openWebhooks();
  await enter('lobby');
  await enter('open');
  isKept.outboxes = true;
  const other = openWebhooks({}, 'other');
  await other.enter('open');
  await expect
    .poll(() => got.map(({ body }) => JSON.parse(body).data))
    .toEqual([{ room: 'sale', phase: 'open', before: 'lobby' }]);
});
