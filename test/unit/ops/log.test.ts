// The log: one JSON line an event, nothing secret in it, and no line a request while a trouble lasts.
import { describe, expect, test } from 'vitest';
import { createLog, limited } from '../../../src/ops/log.ts';

function recorded() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

describe('createLog', () => {
  test('[OP16] an event is one line of JSON with time, level and message', () => {
    const { lines, destination } = recorded();
    createLog('info', destination).info({ room: 'sale', text: 'two\nlines' }, 'paused');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      room: 'sale',
      text: 'two\nlines',
      msg: 'paused',
    });
  });

  test('[OP16] below its level nothing is written, and silent writes nothing at all', () => {
    const { lines, destination } = recorded();
    createLog('warn', destination).info({}, 'no');
    createLog('silent', destination).fatal({}, 'no');
    expect(lines).toEqual([]);
  });

  test.each([
    { cookie: 'hidden' },
    { headers: { cookie: 'hidden', authorization: 'hidden' } },
    { req: { headers: { Cookie: 'hidden', Authorization: 'Bearer hidden' } } },
    { answer: { headers: { 'set-cookie': ['hidden'] } } },
    { answer: { headers: { 'Set-Cookie': 'hidden' } } },
    { request: { headers: { 'proxy-authorization': 'hidden', 'Proxy-Authorization': 'hidden' } } },
    { headers: { 'junban-pass': 'hidden', 'Junban-Pass': 'hidden' } },
    { headers: { 'junban-csrf': 'hidden', 'Junban-Csrf': 'hidden' }, session: { csrf: 'hidden' } },
    { token: 'hidden', settings: { ops: { token: 'hidden' } } },
    { ticket: 'hidden', pass: 'hidden' },
    { settings: { store: { password: 'hidden' } }, draw: { secret: 'hidden' } },
  ])('[OP16] credentials are not written: %j', fields => {
    const { lines, destination } = recorded();
    createLog('info', destination).info(fields, 'event');
    expect(lines[0]).toContain('[redacted]');
    expect(lines[0]).not.toContain('hidden');
  });

  test('[OP16] an error keeps its stack and its cause', () => {
    const { lines, destination } = recorded();
    createLog('info', destination).error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    const line = JSON.parse(lines[0] ?? '');
    expect(line.err.stack).toContain('outer');
    expect(line.err.stack).toContain('inner');
  });
});

describe('limited', () => {
  test('[OP17] a lasting trouble is one line a period, with how many were left out', () => {
    const { lines, destination } = recorded();
    let nowMs = 0;
    const log = limited(createLog('info', destination), 10_000, () => nowMs);
    for (let request = 0; request < 1_000; request += 1) log.error('store', {}, 'the store does not answer');
    expect(lines).toHaveLength(1);
    nowMs = 9_999;
    log.error('store', {}, 'the store does not answer');
    expect(lines).toHaveLength(1);
    nowMs = 10_000;
    log.error('store', { room: 'sale' }, 'the store does not answer');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'error', room: 'sale', leftOut: 1_000 });
  });

  test('[OP17] one trouble does not hide another', () => {
    const { lines, destination } = recorded();
    const log = limited(createLog('info', destination), 10_000, () => 0);
    log.error('store', {}, 'the store does not answer');
    log.warn('shop', {}, 'the shop is failing');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('leftOut');
  });

  test('[OP17] keys without end share one period', () => {
    const { lines, destination } = recorded();
    const log = limited(createLog('info', destination), 10_000, () => 0);
    for (let key = 0; key < 10_000; key += 1) log.warn(String(key), {}, 'odd request');
    expect(lines).toHaveLength(257);
  });
});
