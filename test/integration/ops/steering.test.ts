// Steering with eyes open, over real HTTP: versions, the schedule, languages, stock, the audit trail, the live feed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryOperators } from '../../support/memory-operators.ts';
import { openStand, type Stand, standRoom, token } from './ops-stand.ts';

const nowMs = Date.parse('2027-05-08T00:00:00Z');
let stand: Stand;
beforeEach(async () => {
  stand = await openStand({ nowMs: () => nowMs });
});
afterEach(() => stand.close());

const room = '/api/v1/rooms/sale';
const authorization = `Bearer ${token}`;

describe('two operators', () => {
  test('[OP73] a write for a room that somebody else steered since is not done and says so', async () => {
    const etag = (await stand.call('GET', room)).headers.get('etag') ?? '';
    expect(etag).toBe('"0"');
    const write = (perMinute: number, match: string) =>
      stand.call('PUT', `${room}/pace`, { perMinute }, { authorization, 'if-match': match });
    const replies = await Promise.all([write(100, etag), write(200, etag)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412]);
    const late = replies.find(({ status }) => status === 412);
    expect([late?.json().code, late?.headers.get('etag')]).toEqual(['changed-meanwhile', '"1"']);
    expect((await write(300, '"1"')).headers.get('etag')).toBe('"2"');
    for (const match of ['W/"2"', 'anything', '']) expect((await write(1, match)).status).toBe(400);
    expect((await write(400, '*')).json()).toMatchObject({ pacePerMinute: 400 });
  });
});

describe('what an operator may set', () => {
  test('[OP72] the schedule moves, and what differs from the file is shown', async () => {
    const reply = await stand.call('PUT', `${room}/schedule`, {
      startsAt: '2027-05-09T10:00:00+09:00',
      endsAt: '2027-05-09T12:00:00.000Z',
    });
    expect(reply.json()).toMatchObject({
      startsAt: '2027-05-09T01:00:00.000Z',
      differences: [
        { setting: 'startsAt', file: null, now: '2027-05-09T01:00:00.000Z' },
        { setting: 'endsAt', file: null, now: '2027-05-09T12:00:00.000Z' },
      ],
    });
    expect((await stand.call('PUT', `${room}/schedule`, { startsAt: null, endsAt: null })).json()).toMatchObject({
      startsAt: null,
      differences: [],
    });
  });

  test.each([
    [{ startsAt: '2027-05-09T10:00:00' }, 'startsAt must be an instant, RFC 3339 with a zone'],
    [{ startsAt: '2027-05-09T10:00:00 Asia/Edo' }, 'startsAt must be an instant, RFC 3339 with a zone'],
    [{ startsAt: '2027-05-07T10:00:00Z' }, 'startsAt is over: to do it now, set the phase.'],
    [{ startsAt: '2027-05-09T10:00:00Z', opensAt: '2027-05-09T11:00:00Z' }, 'startsAt is before opensAt.'],
    [{ startsAt: '2027-05-09T10:00:00Z', endsAt: '2027-05-09T09:00:00Z' }, 'endsAt is before the start.'],
    [{}, 'one of opensAt, startsAt, endsAt is required.'],
  ])('[OP72] the schedule %j is refused', async (body, detail) => {
    const reply = await stand.call('PUT', `${room}/schedule`, body);
    expect([reply.status, reply.json().detail]).toEqual([400, expect.stringContaining(detail)]);
    expect((await stand.call('GET', room)).json()).toMatchObject({ revision: 0, startsAt: null, endsAt: null });
  });

  describe('[AP125] with gateways of two versions', () => {
    const inOrder = { startsAt: '2027-05-09T10:00:00Z' };
    const senseless = { startsAt: '2027-05-09T10:00:00Z', opensAt: '2027-05-09T11:00:00Z' };
    const schedule = async (given: ReturnType<typeof standRoom>, body: object, match: string | null = null) => {
      await stand.close();
      stand = await openStand({ nowMs: () => nowMs, rooms: [given] });
      const headers = { authorization, ...(match !== null && { 'if-match': match }) };
      const { status, json } = await stand.call('PUT', `${room}/schedule`, body, headers);
      return { status, told: json() };
    };

    test('a caller that takes settings unseen is not asked for what makes no sense', async () => {
      const asked: unknown[] = [];
      const unseen: ReturnType<typeof standRoom> = {
        ...standRoom('sale', () => nowMs),
        ask: async request => {
          asked.push(request);
          return { kind: 'done' };
        },
      };
      const { status, told } = await schedule(unseen, senseless);
      expect([status, told.detail, asked]).toEqual([400, 'startsAt is before opensAt.', []]);
      expect((await schedule(unseen, inOrder)).status).toBe(200);
      expect(asked).toHaveLength(1);
    });

    test('what only the caller knows to make no sense is refused by it', async () => {
      const behind = { ...standRoom('sale', () => nowMs), problemOf: () => null };
      const { status, told } = await schedule(behind, senseless);
      expect([status, told.problems]).toEqual([400, [{ field: 'startsAt', detail: 'is before opensAt' }]]);
    });

    test('where the operator saw another revision the caller alone decides', async () => {
      const { status, told } = await schedule(
        standRoom('sale', () => nowMs),
        senseless,
        '"7"',
      );
      expect([status, told.code]).toEqual([412, 'changed-meanwhile']);
    });
  });

  test('[OP65] a message in several languages, and stock', async () => {
    const texts = { ja: 'まもなく再開します', en: 'Back soon <b>' };
    const said = await stand.call('POST', `${room}/message`, { texts });
    expect(said.json()).toMatchObject({ message: texts.ja, messages: texts });
    const items = [
      { name: 'Adult', remaining: 0 },
      { name: 'Child', remaining: null },
    ];
    expect((await stand.call('PUT', `${room}/stock`, { items })).json()).toMatchObject({ stock: items });
    expect((await stand.call('PUT', `${room}/stock`, { items: null })).json()).toMatchObject({ stock: null });
  });

  test.each([
    [{ text: 'a', texts: { en: 'a' } }],
    [{ texts: {} }],
    [{ texts: { xx_x: 'a' } }],
    [{ texts: { en: 'a\nb' } }],
    [{ texts: { __proto__: 'a', constructor: 'a' } }],
  ])('[OP8] the message %j is refused', async body => {
    expect((await stand.call('POST', `${room}/message`, body)).status).toBe(400);
  });
});

describe('the audit trail', () => {
  test('[OP74] has who, what, before, after and why, also of what failed, newest first', async () => {
    await stand.call('PUT', `${room}/pace`, { perMinute: 60, reason: 'the shop is slow' });
    stand.room.commit = () => Promise.reject(new Error('a bug'));
    await stand.call('PUT', `${room}/pace`, { perMinute: 90 });
    const { records } = (await stand.call('GET', '/api/v1/audit')).json();
    const common = { who: 'admin', role: 'admin', via: 'token', what: 'setPace', room: 'sale' };
    const [failed, asked, first] = Object(records);
    expect(failed).toMatchObject({ ...common, outcome: 'failed', failure: 'a bug', id: asked.id });
    expect(asked).toMatchObject({
      ...common,
      before: { pacePerMinute: 60 },
      after: { perMinute: 90 },
      outcome: 'asked',
    });
    expect(first).toMatchObject({ ...common, before: { pacePerMinute: 600 }, why: 'the shop is slow' });
    const older = await stand.call('GET', `/api/v1/audit?limit=1&before=${asked.position}`);
    expect(older.json()).toMatchObject({ records: [{ id: first.id }] });
    const lines = (await stand.call('GET', '/api/v1/audit/export')).body.trim().split('\n');
    expect(lines.map(line => JSON.parse(line).position)).toEqual(
      Object(records).map((each: { position: number }) => each.position),
    );
  });

  test('[OP74] what cannot be written down is not done', async () => {
    const store = memoryOperators();
    const other = await openStand({ store });
    store.appendRecord = () => Promise.reject(new Error('the disk is full'));
    expect((await other.call('POST', `${room}/pause`)).status).toBe(500);
    expect(other.room.asked).toEqual([]);
    await other.close();
  });
});

describe('looking on', () => {
  test('[OP75] the live feed tells all rooms at once, and at once when one is steered', async () => {
    const ended = new AbortController();
    const response = await fetch(`${stand.url}/api/v1/events`, { headers: { authorization }, signal: ended.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = readEvents(response);
    expect(await events.next()).toMatchObject({ value: { rooms: [{ room: 'sale', paused: false }] } });
    const asked = performance.now();
    await stand.call('POST', `${room}/pause`);
    let told = (await events.next()).value;
    while (told?.rooms[0]?.paused !== true) told = (await events.next()).value;
    expect(performance.now() - asked).toBeLessThan(1_000);
    ended.abort();
  });

  test('[OP75] the live feed ends when its token is revoked', async () => {
    const made = (await stand.call('PUT', '/api/v1/tokens/screen', { role: 'viewer' })).json();
    const response = await fetch(`${stand.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${made['token']}` },
    });
    await stand.call('DELETE', '/api/v1/tokens/screen');
    expect(await response.text()).toContain('event: rooms');
  });

  test('[OP76] the forecast says when the line would be empty at another pace', async () => {
    const reply = await stand.call('GET', `${room}/forecast?perMinute=4`);
    expect(reply.json()).toMatchObject({
      waiting: 2,
      admittedPerMinute: 4,
      emptyInMs: 30_000,
      emptyAt: '2027-05-08T00:00:30.000Z',
    });
    for (const query of ['', '?perMinute=0', '?perMinute=x', '?perMinute=1&perMinute=2', '?perMinute=1&more=1']) {
      expect((await stand.call('GET', `${room}/forecast${query}`)).status).toBe(400);
    }
  });

  test('[OP77] the log level is set while gateways run, at all of them, and set back to what the configuration says', async () => {
    const store = memoryOperators();
    const [one, other] = [await openStand({ store }), await openStand({ store })];
    const level = async (at: Stand) => (await at.call('GET', '/api/v1/log-level')).json();
    const set = async (wanted: unknown) => (await one.call('PUT', '/api/v1/log-level', { level: wanted })).status;
    expect(await level(one)).toEqual({ level: 'info', configured: 'info' });
    expect([await set('debug'), await set('loud')]).toEqual([200, 400]);
    expect(await level(one)).toEqual({ level: 'debug', configured: 'info' });
    await expect.poll(() => level(other), { timeout: 1_000 }).toEqual({ level: 'debug', configured: 'info' });
    const later = await openStand({ store });
    expect(await level(later)).toMatchObject({ level: 'debug' });
    expect(await set(null)).toBe(200);
    await expect.poll(() => level(other), { timeout: 1_000 }).toEqual({ level: 'info', configured: 'info' });
    for (const opened of [one, other, later]) await opened.close();
  });
});

type Told = { readonly rooms: readonly { readonly paused: boolean }[] };

async function* readEvents(response: Response): AsyncGenerator<Told> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield JSON.parse(text.slice(text.indexOf('data: ') + 6, end)) as Told;
      text = text.slice(end + 2);
    }
  }
}
