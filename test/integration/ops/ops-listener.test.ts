// The ops listener over real HTTP: probes, the credential, what can be read, and what no proper client sends.
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStand, type Stand, sendRaw, standRoom, token } from './ops-stand.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await openStand();
});
afterEach(() => stand.close());

const problemType = 'application/problem+json';

describe('probes', () => {
  test('[OP1] /livez answers 200 without a credential', async () => {
    const { status, body } = await stand.call('GET', '/livez', undefined, {});
    expect([status, body]).toEqual([200, 'ok\n']);
  });

  test('[OP2] /readyz answers 503 with every reason while the gateway is not ready', async () => {
    const reasons = ['the store does not answer', 'stopping'];
    const other = await openStand({ readiness: () => ({ ready: reasons.length === 0, reasons }) });
    const before = await other.call('GET', '/readyz', undefined, {});
    expect([before.status, before.json()]).toEqual([503, { ready: false, reasons: [...reasons] }]);
    reasons.length = 0;
    const after = await other.call('GET', '/readyz', undefined, {});
    expect([after.status, after.json()]).toEqual([200, { ready: true, reasons: [] }]);
    await other.close();
  });

  test('[OP3] / names the endpoints, and nothing about a room', async () => {
    const { status, headers, body } = await stand.call('GET', '/', undefined, {});
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(body).toContain('/api/v1/rooms/{room}/pace');
    expect(body).not.toContain('sale');
  });

  test('[OP3] HEAD answers as GET does, without a body', async () => {
    const { status, headers, body } = await stand.call('HEAD', '/livez', undefined, {});
    expect([status, headers.get('content-length'), body]).toEqual([200, '3', '']);
  });
});

describe('the credential', () => {
  const withheld: readonly (readonly [string, Record<string, string>, string])[] = [
    ['none', {}, 'credential-missing'],
    ['another', { authorization: 'Bearer wrong' }, 'credential-wrong'],
    ['a beginning of it', { authorization: `Bearer ${token.slice(0, -1)}` }, 'credential-wrong'],
    ['more than it', { authorization: `Bearer ${token}x` }, 'credential-wrong'],
    ['another scheme', { authorization: `Basic ${btoa(`ops:${token}`)}` }, 'credential-wrong'],
    ['an empty one', { authorization: 'Bearer ' }, 'credential-wrong'],
  ];
  test.each(withheld)('[OP4] with %s: 401, a challenge, and nothing is done', async (_, headers, code) => {
    for (const [method, path] of [
      ['GET', '/api/v1/rooms'],
      ['GET', '/api/v1/rooms/sale'],
      ['GET', '/api/v1/rooms/unknown'],
      ['POST', '/api/v1/rooms/sale/pause'],
      ['GET', '/nothing'],
    ] as const) {
      const reply = await stand.call(method, path, undefined, headers);
      expect([reply.status, reply.json().code]).toEqual([401, code]);
      expect(reply.headers.get('content-type')).toBe(problemType);
      expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
    }
    expect(stand.room.asked).toEqual([]);
  });

  test('[OP4] the scheme may be written in any case', async () => {
    const reply = await stand.call('GET', '/api/v1/rooms', undefined, { authorization: `bearer ${token}` });
    expect(reply.status).toBe(200);
  });

  test('[OP5] without a token nobody may, and it says how to set one', async () => {
    const none: never[] = [];
    const other = await openStand({ tokens: none });
    for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: 'Bearer null' }]) {
      const reply = await other.call('GET', '/api/v1/rooms', undefined, headers);
      expect([reply.status, reply.json().code]).toEqual([403, 'no-credential']);
      expect(reply.json().detail).toContain('JUNBAN_OPS_TOKEN');
    }
    expect((await other.call('GET', '/readyz', undefined, {})).status).toBe(200);
    expect((await other.call('GET', '/metrics', undefined, {})).status).toBe(200);
    await other.close();
  });
});

describe('reading', () => {
  test('[OP6] a room shows its numbers of one instant', async () => {
    const { status, headers, json } = await stand.call('GET', '/api/v1/rooms/sale');
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'application/json',
      'no-store',
    ]);
    expect(json()).toMatchObject({
      room: 'sale',
      phase: 'closed',
      paused: false,
      pacePerMinute: 600,
      activeCap: 500,
      handedOut: 7,
      present: 3,
      waiting: 2,
      called: 0,
      noShows: 0,
      active: 0,
      frontier: 0,
      autopilot: { mode: 'off', pacePerMinute: null, reason: expect.any(String) },
      asOf: '2027-05-09T01:00:00.000Z',
      limit: 'pace',
      storeTrouble: null,
    });
  });

  test('[OP6] the list has every room', async () => {
    const other = await openStand({ rooms: [standRoom('first'), standRoom('second')] });
    const { json } = await other.call('GET', '/api/v1/rooms?x=1');
    expect(json()).toMatchObject({ rooms: [{ room: 'first' }, { room: 'second' }] });
    await other.close();
  });

  test.each([
    ['/api/v1/rooms/none', 'room-unknown'],
    ['/api/v1/rooms/', 'room-unknown'],
    ['/api/v1/rooms/__proto__', 'room-unknown'],
    ['/api/v1/rooms/%00%ff', 'room-unknown'],
    ['/api/v1/rooms/none/pace', 'room-unknown'],
    ['/api/v1/rooms/sale/', 'not-found'],
    ['/api/v1/rooms/sale/stocks', 'not-found'],
    ['/api/v1/rooms/sale/constructor', 'not-found'],
    ['/api/v1/rooms/sale/pace/more', 'not-found'],
    ['/api/v1/roomsale', 'not-found'],
    ['/api/v2', 'not-found'],
    ['/constructor', 'not-found'],
  ])('[OP7] %s is 404 %s', async (path, code) => {
    const reply = await stand.call('GET', path);
    expect([reply.status, reply.json().code]).toEqual([404, code]);
  });

  test.each([
    ['POST', '/livez', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
    ['PUT', '/api/v1/rooms', 'GET, HEAD'],
    ['PATCH', '/api/v1/rooms/sale', 'GET, HEAD'],
    ['POST', '/api/v1/rooms/sale/pace', 'PUT'],
    ['GET', '/api/v1/rooms/sale/pause', 'POST'],
    ['OPTIONS', '/api/v1/rooms/sale/phase', 'PUT'],
  ])('[OP7] %s %s is 405 and names what is possible', async (method, path, allow) => {
    const reply = await stand.call(method, path);
    expect([reply.status, reply.json().code, reply.headers.get('allow')]).toEqual([405, 'method-not-allowed', allow]);
  });
});

describe('what no proper client sends', () => {
  test('[OP13] headers above 16 KB: 431 and the end of the connection', async () => {
    const answer = await sendRaw(stand.port, `GET /livez HTTP/1.1\r\nHost: x\r\nX-Fat: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"code":"headers-too-large"');
  });

  test('[OP13] what is not HTTP: 400 and the end of the connection', async () => {
    const answer = await sendRaw(stand.port, Buffer.from([0x16, 0x03, 0x01, 0x00, 0x0d, 0x0a, 0x0d, 0x0a]));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"bad-request"');
  });

  test('[OP13] two lengths of one body are refused', async () => {
    const head = 'POST /api/v1/rooms/sale/pause HTTP/1.1\r\nHost: x\r\n';
    const answer = await sendRaw(stand.port, `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(stand.room.asked).toEqual([]);
  });

  test('[OP13] headers and bodies that do not arrive in time: 408, and the connection ends', async () => {
    const other = await openStand({ limits: { headersMs: 200, requestMs: 400 } });
    const slowHead = sendRaw(other.port, 'GET /livez HTTP/1.1\r\nHost: x\r\n');
    const lines = [`Authorization: Bearer ${token}`, 'Host: x', 'Content-Length: 100'].join('\r\n');
    const slowBody = sendRaw(other.port, `PUT /api/v1/rooms/sale/pace HTTP/1.1\r\n${lines}\r\n\r\n{"perMi`);
    expect(await slowHead).toMatch(/^HTTP\/1\.1 408 /);
    expect(await slowBody).toMatch(/^HTTP\/1\.1 408 /);
    expect(other.room.asked).toEqual([]);
    await other.close();
  });

  test('[OP13] a client that goes away in the middle of a body leaves nothing behind', async () => {
    const lines = [`Authorization: Bearer ${token}`, 'Host: x', 'Content-Length: 100'].join('\r\n');
    const socket = connect(stand.port, '127.0.0.1');
    await new Promise<void>(resolve => {
      socket.write(`PUT /api/v1/rooms/sale/pace HTTP/1.1\r\n${lines}\r\n\r\n{"perMi`, () => {
        socket.resetAndDestroy();
        socket.once('close', () => resolve());
      });
    });
    expect((await stand.call('GET', '/livez')).status).toBe(200);
    expect(stand.room.asked).toEqual([]);
    expect(stand.logged).toEqual([]);
  });
});

describe('listening', () => {
  test('[OP18] a port in use is refused with the address and the key to set', async () => {
    const again = openStand({ listen: { host: '127.0.0.1', port: stand.port } });
    await expect(again).rejects.toThrow(
      `ops listener 127.0.0.1:${stand.port}: the port is in use; set another with ops.listen`,
    );
  });

  test('[OP18] closing ends idle connections, and those that outlast the grace time', async () => {
    const other = await openStand();
    const idle = connect(other.port, '127.0.0.1');
    // Cut off in the middle of a request, it may hear of a reset. A close follows.
    idle.on('error', () => undefined);
    const isClosed = new Promise<void>(resolve => idle.once('close', () => resolve()));
    await new Promise<void>(resolve => idle.once('connect', () => resolve()));
    idle.write('GET /livez HTTP/1.1\r\n');
    await other.close();
    await isClosed;
    await expect(fetch(other.url)).rejects.toThrow('fetch failed');
  });

  test('[OP18] closing lets a request under way have its answer', async () => {
    const other = await openStand();
    const { promise, resolve: commit } = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    other.room.commit = () => {
      asked.resolve();
      return promise;
    };
    const reply = other.call('POST', '/api/v1/rooms/sale/pause');
    await asked.promise;
    // Far beyond the time limit of a test: closing ends with the answer, not with the grace time.
    const closed = other.close(600_000);
    commit();
    expect((await reply).json()).toMatchObject({ paused: true });
    await closed;
  });

  test('[OP13] connections beyond the bound are closed; those within it are served', async () => {
    const other = await openStand({ limits: { connectionsMax: 1 } });
    const first = connect(other.port, '127.0.0.1');
    await new Promise<void>(resolve => {
      first.once('data', () => resolve());
      first.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    expect(await sendRaw(other.port, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n').catch(() => '')).toBe('');
    first.destroy();
    await other.close();
  });
});

describe('the preview of the page', () => {
  test('[PG78] it wants the credential, and answers an operator with a page and its policy', async () => {
    const none = await stand.call('GET', '/_junban/preview', undefined, {});
    expect(none.status).toBe(401);
    const answer = await stand.call('GET', '/_junban/preview?room=sale&language=ja');
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<p>ja</p>',
    ]);
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'");
    const unknown = await stand.call('GET', '/_junban/preview?room=nope');
    expect([unknown.status, unknown.json()]).toEqual([404, expect.objectContaining({ code: 'room-unknown' })]);
  });
});
