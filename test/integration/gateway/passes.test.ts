// Claiming by the API: from the call to the pass, that anybody can verify.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Device } from '../../support/device.ts';
import { expectProblem } from '../../support/expect-problem.ts';
import { gatewayWithRooms } from '../../support/gateway-rooms.ts';
import { statusFaults } from '../../support/status.ts';

const stand = gatewayWithRooms({
  claims: {},
  rush: { activeCap: 10 },
  gate: { activeCap: 10 },
  patience: { claimExtensions: 1 },
  address: { activeCap: 100 },
  keys: { activeCap: 10, pass: { idle: '5m', max: '20m' } },
});
const { joined, called } = stand;

describe('passes', () => {
  test('[WR38] 409 before the call, 201 at it, 200 with the same pass after it', async () => {
    const device = await called('claims');
    const behind = await joined('claims');
    await behind.status();
    expectProblem(await behind.claim(), 409, 'not-called');

    const first = await device.claim({ returnTo: '/claims/seats?row=1#a' });
    expect(first.status).toBe(201);
    const body = first.json();
    expect(Object.keys(body)).toEqual(['pass', 'expiresAt', 'returnTo']);
    expect(body['returnTo']).toBe('/claims/seats?row=1#a');
    expect(body['pass']).toBe(device.pass);
    expect(String(body['expiresAt'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(first.setCookies[0]).toMatch(/^junban-pass-claims=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await device.status()).toMatchObject({ state: 'admitted', ahead: 0 });
    const second = await device.claim();
    expect([second.status, second.json()['pass']]).toEqual([200, body['pass']]);
    await device.leave();
  });

  test('[CL71] a called device asks for more time and gets it, so often as the room allows', async () => {
    const device = await called('patience');
    const behind = await joined('patience');
    const extend = (of: Device) => of.ask('POST', '/_junban/v1/tickets/current/extension?room=patience');
    expectProblem(await extend(behind), 409, 'not-called');
    const before = Date.parse(String((await device.status()).claimBy));
    const answer = await extend(device);
    expect(answer.status).toBe(200);
    expect(Date.parse(String(answer.json()['claimBy'])) - before).toBeGreaterThan(59_000);
    expectProblem(await extend(device), 409, 'no-more-time');
    await device.leave();
  });

  test('[WR38] of 100 parallel claims one is 201 and all others are 200 with the same pass', async () => {
    const device = await called('rush');
    const answers = await Promise.all(Array.from({ length: 100 }, () => device.claim()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    expect(new Set(answers.map(({ json }) => json()['pass'])).size).toBe(1);
    expect(await stand.gateway.operate('GET', 'rush')).toMatchObject({ active: 1 });
  });

  test('[WR38] while the gate is busy 202 STATUS comes after a hold of 2 s, with Retry-After', async () => {
    const device = await called('gate');
    await stand.gateway.operate('POST', 'gate/pause');
    const startedAtMs = Date.now();
    const answer = await device.claim();
    const heldMs = Date.now() - startedAtMs;
    expect(answer.status).toBe(202);
    expect(statusFaults(answer.json())).toEqual([]);
    expect(answer.json()['state']).toBe('entering');
    expect(answer.headers['retry-after']).toBe(String(Math.ceil(Number(answer.json()['next']) / 1_000)));
    expect(heldMs).toBeGreaterThan(1_800);
    expect(heldMs).toBeLessThan(3_000);
    const held = device.claim();
    await stand.gateway.operate('POST', 'gate/resume');
    // Not after the hold: as soon as it is let in.
    expect((await held).status).toBe(201);
  });

  test('[WR13] returnTo comes back only as an address of the same site', async () => {
    const device = await called('address');
    const host = stand.gateway.url;
    for (const [asked, given] of [
      ['/address/a?b=c', '/address/a?b=c'],
      [`${host}/address/a`, '/address/a'],
      ['//evil.example/', '/'],
      ['/\\evil.example', '/'],
      ['\\\\evil.example', '/'],
      ['/%2f%2fevil.example', expect.stringMatching(/^\/(?!\/)/)],
      ['/..//evil.example', expect.stringMatching(/^\/(?!\/)/)],
      ['https://evil.example/', '/'],
      [`${host}@evil.example/`, '/'],
      ['javascript:alert(1)', '/'],
      ['/a\r\nSet-Cookie: x=1', '/'],
      ['/_junban/v1/tickets', '/'],
      [7, '/'],
      [undefined, '/'],
    ] as const) {
      const answer = await device.claim({ returnTo: asked });
      expect([200, 201]).toContain(answer.status);
      expect({ asked, given: answer.json()['returnTo'] }).toEqual({ asked, given });
    }
  });

  test('[WR42] the JWKS verifies a pass: issuer, room, end and number', async () => {
    const device = await called('keys');
    const { json } = await device.claim();
    const keys = createRemoteJWKSet(new URL(`${stand.gateway.url}/_junban/v1/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(String(json()['pass']), keys, {
      algorithms: ['ES256'],
      audience: 'keys',
      issuer: 'junban',
      requiredClaims: ['exp', 'nbf', 'jti'],
    });
    expect(protectedHeader.typ).toBe('junban-pass+jwt');
    expect(new Date(Number(payload.exp) * 1_000).toISOString()).toBe(json()['expiresAt']);
    const endsInMs = Number(payload.exp) * 1_000 - Date.now();
    expect(endsInMs).toBeGreaterThan(295_000);
    expect(endsInMs).toBeLessThan(302_000);
    const published = await device.ask('GET', '/_junban/v1/jwks.json');
    expect(published.text).not.toContain('"d"');
  });
});
