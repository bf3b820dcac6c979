// What an operator sets over real HTTP: bodies, refusals field by field, commits that wait or fail.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/ops/audit-log.ts';
import { changeOf, told } from '../../../src/ops/console/browser/deeds.ts';
import { deedsOf, tellDeed } from '../../../src/ops/report/tell-deed.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { openStand, type Stand } from './ops-stand.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await openStand({ limits: { commitWaitMs: 300 } });
});
afterEach(() => stand.close());

const room = '/api/v1/rooms/sale';

describe('accepted', () => {
  test.each([
    ['PUT', 'pace', { perMinute: 1200 }, { pacePerMinute: 1200 }],
    ['PUT', 'pace', { perMinute: 0.5 }, { pacePerMinute: 0.5 }],
    ['PUT', 'pace', { perMinute: 1_000_000 }, { pacePerMinute: 1_000_000 }],
    ['PUT', 'cap', { active: 0 }, { activeCap: 0 }],
    ['PUT', 'cap', { active: 20_000 }, { activeCap: 20_000 }],
    ['POST', 'message', { text: 'あと5分で再開します 🙂' }, { message: 'あと5分で再開します 🙂' }],
    ['POST', 'message', { text: '<b>&"' }, { message: '<b>&"' }],
    ['POST', 'message', { text: '🙂'.repeat(500) }, { message: '🙂'.repeat(500) }],
    ['PUT', 'phase', { phase: 'lobby' }, { phase: 'lobby' }],
    ['PUT', 'phase', { phase: 'closed' }, { phase: 'closed' }],
  ])('[OP10] %s %s %j answers 200 with the room as it is then', async (method, name, body, shown) => {
    const reply = await stand.call(method, `${room}/${name}`, body);
    expect([reply.status, reply.json()]).toEqual([200, expect.objectContaining(shown)]);
    expect((await stand.call('GET', room)).json()).toMatchObject(shown);
    expect(stand.logged).toEqual([expect.stringContaining('an operator changed the room')]);
  });

  test.each([undefined, '', ' \n', {}])('[OP10] pause and resume take no body, or an empty one: %j', async body => {
    expect((await stand.call('POST', `${room}/pause`, body)).json()).toMatchObject({ paused: true });
    expect((await stand.call('POST', `${room}/pause`, body)).json()).toMatchObject({ paused: true });
    expect((await stand.call('POST', `${room}/resume`, body)).json()).toMatchObject({ paused: false });
  });

  test('[OP10] null takes the message away', async () => {
    await stand.call('POST', `${room}/message`, { text: 'hello' });
    expect((await stand.call('POST', `${room}/message`, { text: null })).json()).toMatchObject({ message: null });
  });
});

describe('refused', () => {
  const pace = 'perMinute must be a number above 0 and at most 1000000, as in 600 or 0.5, not';
  const cap = 'active must be a whole number from 0 to 10000000, not';
  test.each([
    ['PUT', 'pace', '{"perMinute":0}', `${pace} 0.`],
    ['PUT', 'pace', '{"perMinute":-5}', `${pace} -5.`],
    ['PUT', 'pace', '{"perMinute":1e-320}', `${pace} 1e-320.`],
    ['PUT', 'pace', '{"perMinute":1000000.5}', `${pace} 1000000.5.`],
    ['PUT', 'pace', '{"perMinute":1e999}', `${pace} Infinity.`],
    ['PUT', 'pace', '{"perMinute":"600"}', `${pace} the text "600".`],
    ['PUT', 'pace', '{"perMinute":null}', `${pace} null.`],
    ['PUT', 'pace', '{"perMinute":[600]}', `${pace} a list.`],
    ['PUT', 'pace', '{}', 'perMinute is required: a number above 0 and at most 1000000, as in 600 or 0.5.'],
    ['PUT', 'pace', '', 'perMinute is required: a number above 0 and at most 1000000, as in 600 or 0.5.'],
    ['PUT', 'pace', '{"perMinute":6,"perHour":1}', 'perHour is not a known key; known: perMinute, reason.'],
    ['PUT', 'pace', '{"perMinute":6,"__proto__":1}', '__proto__ is not a known key; known: perMinute, reason.'],
    ['PUT', 'pace', '600', 'the body must be a JSON object, not 600; known keys: perMinute, reason.'],
    ['PUT', 'pace', 'null', 'the body must be a JSON object, not null; known keys: perMinute, reason.'],
    ['PUT', 'pace', '[]', 'the body must be a JSON object, not a list; known keys: perMinute, reason.'],
    ['PUT', 'cap', '{"active":-1}', `${cap} -1.`],
    ['PUT', 'cap', '{"active":1.5}', `${cap} 1.5.`],
    ['PUT', 'cap', '{"active":1e300}', `${cap} 1e+300.`],
    ['PUT', 'cap', '{"active":true}', `${cap} true.`],
    ['POST', 'pause', '{"now":true}', 'now is not a known key; known: reason.'],
    ['POST', 'message', '{}', 'text is required: a text of at most 500 characters, or null to take the message away.'],
    [
      'POST',
      'message',
      '{"text":5}',
      'text must be a text of at most 500 characters, or null to take the message away, not 5.',
    ],
    ['POST', 'message', '{"text":" "}', 'text is empty: give a text, or null to take the message away.'],
    ['POST', 'message', JSON.stringify({ text: 'x'.repeat(501) }), 'text must have at most 500 characters, not 501.'],
    ['PUT', 'phase', '{"phase":"paused"}', 'phase must be one of closed, lobby, open, ended, not the text "paused".'],
    [
      'PUT',
      'phase',
      '{"phase":"constructor"}',
      'phase must be one of closed, lobby, open, ended, not the text "constructor".',
    ],
  ])('[OP8] %s %s %s', async (method, name, body, detail) => {
    const reply = await stand.call(method, `${room}/${name}`, body);
    expect([reply.status, reply.json().code, reply.json().detail]).toEqual([400, 'invalid-value', detail]);
    expect(stand.room.asked).toEqual([]);
  });

  test('[OP8] each wrong field has one problem of its own', async () => {
    const reply = await stand.call('PUT', `${room}/pace`, { perMinute: 'NaN', other: 1 });
    expect(reply.json().problems).toEqual([
      { field: 'perMinute', detail: expect.stringContaining('not the text "NaN"') },
      { field: 'other', detail: 'is not a known key; known: perMinute, reason' },
    ]);
  });

  test.each(['\u200b', ' \u200b\u2060 ', '\u3164', '\u2800', '\ufeff'])(
    '[OP8] a message of nothing that can be seen is refused: %j',
    async text => {
      const reply = await stand.call('POST', `${room}/message`, { text });
      expect([reply.status, reply.json().code]).toEqual([400, 'invalid-value']);
      expect((await stand.call('PUT', `${room}/stock`, { items: [{ name: text, remaining: 1 }] })).status).toBe(400);
      expect(stand.room.asked).toEqual([]);
    },
  );

  test.each(['a\nb', 'a\u0000', '\u001b[31m', 'a\u2028b', '\u202eabc', '\u2066abc', '\ud800', '\u0085'])(
    '[OP8] a message with the control character of %j is refused',
    async text => {
      const reply = await stand.call('POST', `${room}/message`, { text });
      expect([reply.status, reply.json().code]).toEqual([400, 'invalid-value']);
      expect(stand.room.asked).toEqual([]);
    },
  );

  test.each([
    ['{"perMinute":6', 'invalid-json', 400],
    ['perMinute=6', 'invalid-json', 400],
    ['{"perMinute":NaN}', 'invalid-json', 400],
    [`{"perMinute":6}${' '.repeat(16 * 1024)}`, 'body-too-large', 413],
    ['x'.repeat(10_000_000), 'body-too-large', 413],
  ])('[OP9] a body of %.20j is refused as %s', async (body, code, status) => {
    const reply = await stand.call('PUT', `${room}/pace`, body);
    expect([reply.status, reply.json().code]).toEqual([status, code]);
    expect(stand.room.asked).toEqual([]);
  });

  test('[OP9] a body of exactly 16 KB is read', async () => {
    const reply = await stand.call('PUT', `${room}/pace`, '{"perMinute":6}'.padEnd(16 * 1024));
    expect(reply.status).toBe(200);
  });

  // The console counted characters, and the listener refused bytes.
  test.each(['語', '🙂'])(
    '[OP227] 500 times %s in each of 40 languages are taken, also as escapes',
    async character => {
      const languages = Array.from(
        { length: 40 },
        (_, at) => `a${'abcdefghij'[at % 10]}${at < 10 ? '' : 'abc'[Math.floor(at / 10) - 1]}`,
      );
      const texts = Object.fromEntries(languages.map(language => [language, character.repeat(500)]));
      const escaped = JSON.stringify({ texts }).replace(
        /[^ -~]/g,
        unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      for (const body of [{ texts }, escaped]) {
        const reply = await stand.call('POST', `${room}/message`, body);
        expect([reply.status, reply.json()['messages']]).toEqual([200, texts]);
      }
      const tooLong = await stand.call('POST', `${room}/message`, 'x'.repeat(256 * 1024 + 1));
      expect([tooLong.status, tooLong.json().code]).toEqual([413, 'body-too-large']);
    },
  );

  test('[OP9] bytes that are not UTF-8 are refused', async () => {
    const body = new Blob([Buffer.from('{"text":"'), new Uint8Array([0xff, 0xc0]), Buffer.from('"}')]);
    const headers = { authorization: 'Bearer correct-horse-battery' };
    const reply = await fetch(`${stand.url}${room}/message`, { method: 'POST', body, headers });
    expect([reply.status, await reply.json()]).toEqual([400, expect.objectContaining({ code: 'invalid-json' })]);
  });

  test('[OP12] a room goes back to no phase before its start, but from its end to the sale', async () => {
    const set = async (phase: string) => {
      const reply = await stand.call('PUT', `${room}/phase`, { phase });
      return [reply.status, reply.json().code ?? reply.json().phase];
    };
    expect(await set('open')).toEqual([200, 'open']);
    expect(await set('lobby')).toEqual([409, 'phase-passed']);
    expect(await set('closed')).toEqual([409, 'phase-passed']);
    expect(await set('open')).toEqual([200, 'open']);
    expect(await set('ended')).toEqual([200, 'ended']);
    expect(await set('lobby')).toEqual([409, 'phase-passed']);
    expect(await set('open')).toEqual([200, 'open']);
  });
});

describe('the commit', () => {
  test('[OP10] the answer waits for it', async () => {
    const { promise, resolve: commit } = Promise.withResolvers<void>();
    stand.room.commit = () => promise;
    let isAnswered = false;
    const reply = stand.call('POST', `${room}/pause`).then(answered => {
      isAnswered = true;
      return answered;
    });
    while (stand.room.asked.length === 0) await stand.call('GET', '/livez');
    expect((await stand.call('GET', room)).json()).toMatchObject({ paused: false });
    expect(isAnswered).toBe(false);
    commit();
    expect((await reply).json()).toMatchObject({ paused: true });
  });

  // Both records said what was there before the first, and the change from the first to the second stood nowhere.
  test('[OP223] of two writes at once the trail has what each of them replaced', async () => {
    const { promise, resolve: commit } = Promise.withResolvers<void>();
    stand.room.commit = () => promise;
    const one = stand.call('PUT', `${room}/pace`, { perMinute: 100, reason: 'one' });
    while (stand.room.asked.length < 1) await stand.call('GET', '/livez');
    const two = stand.call('PUT', `${room}/pace`, { perMinute: 200, reason: 'two' });
    while (stand.room.asked.length < 2) await stand.call('GET', '/livez');
    commit();
    expect([(await one).status, (await two).status]).toEqual([200, 200]);
    const { records } = (await stand.call('GET', '/api/v1/audit')).json() as { records: AuditRecord[] };
    const shown = told(records.map((record, position) => ({ ...record, position })));
    expect(shown.map(({ why, outcome }) => [why, outcome])).toEqual([
      ['two', 'done'],
      ['one', 'asked'],
    ]);
    expect(shown.map(changeOf)).toEqual(['100 → 200', '600 → 100']);
    expect(deedsOf([...records].reverse()).map(tellDeed)).toEqual([
      'set the pace from 600 to 100 a minute.',
      'set the pace from 100 to 200 a minute.',
    ]);
  });

  test('[OP11] a store that does not answer: 503 with Retry-After', async () => {
    stand.room.commit = () => Promise.reject(new StoreError('unavailable', 'the disk is full'));
    const reply = await stand.call('POST', `${room}/pause`);
    expect([reply.status, reply.json().code]).toEqual([503, 'store-unavailable']);
    expect(reply.json().detail).toContain('the disk is full');
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('[OP11] a commit that nobody answers: 503 in time, and the next request is served', async () => {
    stand.room.commit = () => Promise.withResolvers<void>().promise;
    const reply = await stand.call('POST', `${room}/pause`);
    expect([reply.status, reply.json().code]).toEqual([503, 'store-unavailable']);
    expect((await stand.call('GET', room)).status).toBe(200);
  });

  test('[OP11] a failure of ours: 500 without its text, which the log has', async () => {
    stand.room.commit = () => Promise.reject(new Error('a bug at /secret/path'));
    const reply = await stand.call('POST', `${room}/pause`);
    expect([reply.status, reply.json().code]).toEqual([500, 'internal-error']);
    expect(reply.body).not.toContain('secret');
    expect(stand.logged).toEqual([expect.stringContaining('an ops request failed')]);
  });
});
