// JUNBAN_ variables over the file: which goes before which, secrets from files, slips told by the variable's name.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { variableNames } from '../../../src/config/environment-variables.ts';
import { helpText } from '../../../src/config/help-text.ts';
import { least, problemsOf, settingsOf } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'junban-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function secretFile(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('variables over the file', () => {
  test('[CF6] every variable goes before its key', () => {
    const file = {
      ...least,
      listen: ':1',
      prefix: '/a',
      ops: { listen: ':2' },
      log: { level: 'warn' },
      trustedProxies: ['::1'],
    };
    const settings = settingsOf(file, {
      JUNBAN_LISTEN: '127.0.0.1:81',
      JUNBAN_PREFIX: '/b',
      JUNBAN_OPS_LISTEN: '127.0.0.1:82',
      JUNBAN_OPS_TOKEN: 'token-of-the-variable',
      JUNBAN_TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1,',
      JUNBAN_LOG_LEVEL: 'debug',
      JUNBAN_STORE_PATH: 'here/data',
      JUNBAN_KEYS_PATH: '/keys',
    });
    expect(settings).toMatchObject({
      listen: { host: '127.0.0.1', port: 81 },
      prefix: '/b',
      ops: { listen: { host: '127.0.0.1', port: 82 }, token: 'token-of-the-variable' },
      trustedProxies: ['10.0.0.0/8', '192.0.2.1/32'],
      log: { level: 'debug' },
      keys: { path: '/keys' },
    });
    expect(settings.store).toEqual({ kind: 'embedded', path: resolve('here/data') });
  });

  test('[CF6] an address of Redis takes the redis store, whatever the file has', () => {
    const env = { JUNBAN_STORE_URL: 'redis://r', JUNBAN_STORE_PASSWORD: 'p', JUNBAN_STORE_KEY_PREFIX: 'k' };
    const expected = {
      kind: 'redis',
      servers: { kind: 'single', server: { host: 'r', port: 6379 } },
      password: 'p',
      keyPrefix: 'k',
    };
    expect(settingsOf(least, env).store).toMatchObject(expected);
    expect(settingsOf({ ...least, store: { kind: 'embedded', path: '/x' } }, env).store).toMatchObject(expected);
    expect(settingsOf({ ...least, store: { kind: 'redis', cluster: { hosts: ['c:1'] } } }, env).store).toMatchObject(
      expected,
    );
  });

  test('[CF6] a folder in the environment, as images set it, never takes a gateway off Redis', () => {
    const redis = { ...least, store: { kind: 'redis', url: 'redis://r' } };
    const path = { JUNBAN_STORE_PATH: '/data' };
    expect(settingsOf(redis, path).store).toMatchObject({ kind: 'redis', servers: { server: { host: 'r' } } });
    expect(settingsOf(least, { ...path, JUNBAN_STORE_URL: 'redis://s' }).store).toMatchObject({ kind: 'redis' });
    const back = { kind: 'embedded', path: '/data' };
    expect(settingsOf(redis, { ...path, JUNBAN_STORE_KIND: 'embedded' }).store).toEqual(back);
    expect(settingsOf({ ...least, store: { kind: 'embedded', path: '/x' } }, path).store).toEqual(back);
  });

  test("[CF6] the user name and the sentinels' password reach a store of sentinels", () => {
    const store = { kind: 'redis', sentinel: { name: 'm', hosts: ['s:1'] } };
    const env = { JUNBAN_STORE_USERNAME: 'u', JUNBAN_STORE_PASSWORD: 'p', JUNBAN_STORE_SENTINEL_PASSWORD: 'q' };
    expect(settingsOf({ ...least, store }, env).store).toMatchObject({
      username: 'u',
      password: 'p',
      servers: { password: 'q' },
    });
  });

  test("[CF6] a slip is told by the variable's name", () => {
    expect(problemsOf(least, { JUNBAN_LISTEN: 'x' })).toEqual([
      expect.stringMatching(/^JUNBAN_LISTEN: "x" is not host and port/),
    ]);
    expect(problemsOf(least, { JUNBAN_TRUSTED_PROXIES: '::1,x' })).toEqual([
      expect.stringMatching(/^JUNBAN_TRUSTED_PROXIES: "x"/),
    ]);
    expect(problemsOf(least, { JUNBAN_STORE_KIND: 'x' })).toEqual([
      'JUNBAN_STORE_KIND: must be one of embedded, redis',
    ]);
  });

  test('[CF6] an unknown or empty variable is a problem', () => {
    expect(problemsOf(least, { JUNBAN_LISTN: ':1', JUNBAN_ZEBRA: '1', JUNBAN_LISTEN_FILE: 'x' })).toEqual([
      'JUNBAN_LISTN: is not a known variable: did you mean "JUNBAN_LISTEN"?',
      'JUNBAN_ZEBRA: is not a known variable',
      'JUNBAN_LISTEN_FILE: is not a known variable: did you mean "JUNBAN_LISTEN"?',
    ]);
    expect(problemsOf(least, { JUNBAN_OPS_TOKEN: '' })).toEqual([
      'JUNBAN_OPS_TOKEN: is empty: give it a value or unset it',
    ]);
  });

  test('[CF6] variables that contradict each other or the store are problems', () => {
    expect(problemsOf(least, { JUNBAN_STORE_URL: 'redis://r', JUNBAN_STORE_KIND: 'embedded' })).toEqual([
      'JUNBAN_STORE_URL: is not a known key',
    ]);
    expect(problemsOf(least, { JUNBAN_STORE_PASSWORD: 'p' })).toEqual([
      'JUNBAN_STORE_PASSWORD: is set, but the store is not redis',
    ]);
    expect(problemsOf(least, { JUNBAN_STORE_KIND: 'redis' })).toEqual(['store: needs one of url, sentinel, cluster']);
  });

  test('[CF6] what Kubernetes sets beside a service of our name is no slip, a value of a person is', () => {
    const fromKubernetes = {
      JUNBAN_SERVICE_HOST: '10.0.0.1',
      JUNBAN_SERVICE_PORT: '8080',
      JUNBAN_SERVICE_PORT_HTTP: '8080',
      JUNBAN_OPS_SERVICE_HOST: '10.0.0.2',
      JUNBAN_PORT: 'tcp://10.0.0.1:8080',
      JUNBAN_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      JUNBAN_REDIS_PORT_6379_TCP_ADDR: '10.0.0.3',
    };
    expect(problemsOf(least, fromKubernetes)).toEqual([]);
    expect(problemsOf(least, { JUNBAN_PORT: '8080' })).toEqual([
      expect.stringMatching(/^JUNBAN_PORT: is not a known variable/),
    ]);
  });

  test('[CF6] the process environment is read as the JUNBAN_ variables alone', () => {
    const name = 'JUNBAN_TEST_OF_THE_ENVIRONMENT';
    process.env[name] = 'x';
    const environment = readEnvironment();
    delete process.env[name];
    expect(environment[name]).toBe('x');
    expect(Object.keys(environment).every(key => key.startsWith('JUNBAN_'))).toBe(true);
  });

  test('[CF6] the help lists every variable', () => {
    const help = helpText('environment');
    for (const name of variableNames) expect(help).toContain(name.replace(/_FILE$/, ''));
  });
});

describe('secrets', () => {
  test('[CF7] a secret comes from the file that NAME_FILE names, without its line end', () => {
    const env = {
      JUNBAN_OPS_TOKEN_FILE: secretFile('token', 'a-secret\r\n'),
      JUNBAN_STORE_URL_FILE: secretFile('url', 'redis://:p@r\n'),
    };
    const settings = settingsOf(least, env);
    expect(settings.ops.token).toBe('a-secret');
    expect(settings.store).toMatchObject({ kind: 'redis', password: 'p' });
  });

  test('[CF7] the variable goes before the file that the configuration names', () => {
    const file = { ...least, ops: { tokenFile: secretFile('other', 'other') } };
    expect(settingsOf(file).ops.token).toBe('other');
    expect(settingsOf(file, { JUNBAN_OPS_TOKEN: 'mine' }).ops.token).toBe('mine');
  });

  test('[CF7] passwords of Redis come from files that the configuration names', () => {
    const sentinel = { name: 'm', hosts: ['s:1'], passwordFile: secretFile('s', 'of-sentinel') };
    const store = { kind: 'redis', sentinel, passwordFile: secretFile('r', 'of-redis') };
    expect(settingsOf({ ...least, store }).store).toMatchObject({
      password: 'of-redis',
      servers: { password: 'of-sentinel' },
    });
  });

  test('[CF7] a variable and its file at once, and two passwords, are refused', () => {
    expect(problemsOf(least, { JUNBAN_OPS_TOKEN: 'a', JUNBAN_OPS_TOKEN_FILE: 'b' })).toEqual([
      'JUNBAN_OPS_TOKEN: is set and JUNBAN_OPS_TOKEN_FILE as well: keep one of them',
    ]);
    const store = { kind: 'redis', url: 'redis://:one@r' };
    expect(problemsOf({ ...least, store }, { JUNBAN_STORE_PASSWORD: 'two' })).toEqual([
      'store.url: has a password, and one is given beside it: keep one of them',
    ]);
  });

  test('[CF7] a missing, empty, binary or oversized secret file is refused', () => {
    const problemOf = (file: string) => problemsOf(least, { JUNBAN_OPS_TOKEN_FILE: file });
    const none = join(folder, 'none');
    expect(problemOf(none)).toEqual([`JUNBAN_OPS_TOKEN_FILE: cannot read ${none}: no such file`]);
    const empty = secretFile('empty', '\n');
    expect(problemOf(empty)).toEqual([`JUNBAN_OPS_TOKEN_FILE: ${empty} is empty`]);
    expect(problemOf(secretFile('two', 'a\nb'))).toEqual([
      'JUNBAN_OPS_TOKEN_FILE: a secret must be printable ASCII without spaces',
    ]);
    const large = secretFile('large', 'x'.repeat(4_097));
    expect(problemOf(large)).toEqual([`JUNBAN_OPS_TOKEN_FILE: ${large} is larger than 4096 bytes`]);
    expect(problemsOf({ ...least, ops: { tokenFile: empty } })).toEqual([`ops.tokenFile: ${empty} is empty`]);
  });

  // Both took from one outbox: each event went out twice, once signed with each secret.
  test('[OP226] two webhooks of one address are refused', () => {
    const secretPath = secretFile('webhook', Buffer.alloc(32, 7).toString('base64'));
    const hooks = ['https://a.example/hook', 'https://b.example/hook', 'https://A.example:443/hook'].map(url => ({
      ...{ url, secretFile: secretPath },
    }));
    expect(problemsOf({ ...least, webhooks: hooks })).toEqual([
      'webhooks[2].url: is the address of webhooks[0] already: name its events there',
    ]);
  });

  test('[OP203] a webhook secret is 24 to 64 bytes as base64, and nothing that would be decoded in part', () => {
    const url = 'https://hooks.example/';
    const problemsWith = (secret: string) => {
      const file = secretFile('webhook', secret);
      return problemsOf({ ...least, webhooks: [{ url, secretFile: file }] }).map(text => text.replace(file, 'FILE'));
    };
    const bytes = (count: number) => Buffer.alloc(count, 0xfe).toString('base64');
    const good = [`whsec_${bytes(24)}`, bytes(64), `whsec_${bytes(32).replace(/=+$/, '')}`];
    expect(good.flatMap(problemsWith)).toEqual([]);
    for (const secret of [
      'my-very-secret-webhook-password-2027',
      `whsec_${bytes(23)}`,
      bytes(65),
      'whsec_',
      `${bytes(24)}!`,
    ]) {
      expect(problemsWith(secret)).toEqual([
        'webhooks[0].secretFile: FILE must hold 24 to 64 random bytes as base64, with or without "whsec_" before it',
      ]);
    }
  });

  test('[CF7] no message repeats a secret', () => {
    const secret = 'hunter2-hunter2';
    const urls = [
      `http://:${secret}@r`,
      `redis://:${secret}@r/x`,
      `redis://:${secret}@`,
      `redis://:${secret}%zz@r`,
      `redis://:${secret}@r?a=1`,
    ];
    for (const url of urls) {
      const problems = [
        ...problemsOf({ ...least, store: { kind: 'redis', url } }),
        ...problemsOf(least, { JUNBAN_STORE_URL: url }),
      ];
      expect(problems).toHaveLength(2);
      expect(problems.join()).not.toContain(secret);
    }
    expect(problemsOf({ ...least, ops: { token: secret } }).join()).not.toContain(secret);
    expect(problemsOf(least, { JUNBAN_OPS_TOKEN: `${secret} x` }).join()).not.toContain(secret);
  });
});
