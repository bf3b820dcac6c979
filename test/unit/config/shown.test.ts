// What is shown of the configuration: the editor's schema, the example, the effective configuration without secrets.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { editorSchema } from '../../../src/config/json-schema.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { showSettings } from '../../../src/config/redact.ts';
import { at, isTree } from '../../../src/config/tree.ts';
import { least, leastRoom, settingsOf } from './support.ts';

const deploy = new URL('../../../deploy/', import.meta.url);
const examplePath = new URL('junban.yaml', deploy).pathname;

/** Every key of the schema with its own schema, by path. */
function keysOf(schema: unknown, path = ''): [string, unknown][] {
  const own = Object.entries(at(schema, 'properties') ?? {});
  const inside = [at(schema, 'items'), ...[at(schema, 'oneOf') ?? []].flat()].filter(isTree);
  return [
    ...own.flatMap(([key, value]): [string, unknown][] => [
      [`${path}.${key}`, value],
      ...keysOf(value, `${path}.${key}`),
    ]),
    ...inside.flatMap(value => keysOf(value, path)),
  ];
}

describe("the editor's schema", () => {
  test('[CF12] deploy/junban.schema.json is what `node src/config/json-schema.ts` writes', () => {
    expect(readFileSync(new URL('junban.schema.json', deploy), 'utf8')).toBe(editorSchema());
  });

  test('[CF12] every key has a description, and unknown keys are errors', () => {
    const keys = keysOf(JSON.parse(editorSchema()));
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter(([, schema]) => !at(schema, 'description')).map(([path]) => path)).toEqual([]);
    const mappings = keys.filter(([, schema]) => at(schema, 'properties') !== undefined);
    expect(mappings.filter(([, schema]) => at(schema, 'additionalProperties') !== false)).toEqual([]);
  });

  test('[CF12] a default that the description names is the default', () => {
    const keys = keysOf(JSON.parse(editorSchema()));
    for (const [path, schema] of keys) {
      const value = at(schema, 'default');
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      expect([path, at(schema, 'description')]).toEqual([path, expect.stringContaining('default ')]);
      if (path.endsWith('.chain')) continue; // A hash, which the description calls by its name.
      expect([path, at(schema, 'description')]).toEqual([path, expect.stringContaining(`default ${value}`)]);
    }
  });
});

describe('the example', () => {
  const text = readFileSync(examplePath, 'utf8');

  test('[CF12] loads without problems, and editors find its schema', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./junban.schema.json');
    expect(loadSettings({ path: examplePath, env: {} })).toMatchObject({ kind: 'ok' });
  });

  test('[CF12] names every key, and shows the defaults', () => {
    const keys = keysOf(JSON.parse(editorSchema())).map(([path]) => path.slice(path.lastIndexOf('.') + 1));
    expect([...new Set(keys)].filter(key => !new RegExp(`\\b${key}\\b`).test(text))).toEqual([]);
    const room = {
      ...leastRoom,
      match: { bypass: ['/assets/'], checkout: ['/checkout'] },
      autopilot: { errorSignatures: [{ body: 'M941' }] },
    };
    const loaded = loadSettings({ path: '/etc/junban/junban.yaml', text, env: {} });
    expect(loaded).toEqual({ kind: 'ok', settings: settingsOf({ listen: '127.0.0.1:8080', rooms: [room] }) });
  });
});

describe('the effective configuration', () => {
  const full = {
    listen: '[::1]:8080',
    ops: { listen: ':0' },
    store: { kind: 'redis', sentinel: { name: 'm', hosts: ['s:1'], username: 'w' }, username: 'u', tls: true },
    keys: { path: '/keys' },
    trustedProxies: ['10.0.0.0/8'],
    rooms: [
      {
        ...leastRoom,
        opensAt: '2027-05-09T09:00:00+09:00',
        startsAt: '2027-05-09T10:00:00.500+09:00',
        endsAt: '2027-05-10T10:00:00Z',
        claimWindow: '1h30m',
        claimExtensions: 3,
        look: {
          name: { en: 'Sale', ja: '発売' },
          logo: '/logo.svg',
          accent: '#165e83',
          links: [{ url: '/help', text: 'Help' }],
        },
        shopLimit: { mode: 'on', wait: '2s' },
        autopilot: {
          mode: 'on',
          latencyTarget: '300ms',
          errorSignatures: [{ status: 200, header: 'x-a: b' }, { header: 'x-b' }, { body: 'M941' }],
        },
        draw: { randomness: { kind: 'drand' }, wait: '90s' },
      },
    ],
  };

  test.each([
    ['the least', least],
    ['nearly all', full],
    ['a single Redis', { ...least, store: { kind: 'redis', url: 'rediss://u@[::1]:1/2' } }],
    ['a Redis behind TLS', { ...least, store: { kind: 'redis', url: 'rediss://a', caFile: '/ca.pem' } }],
    ['a cluster', { ...least, store: { kind: 'redis', cluster: { hosts: ['a:1', 'b:2'] } } }],
  ])('[CF13] of %s has the shape of a file and comes to the same settings', (_, file) => {
    const settings = settingsOf(file);
    expect(settingsOf(showSettings(settings))).toEqual(settings);
  });

  test('[CF13] shows durations and times as they are written', () => {
    const shown: unknown = parse(showSettings(settingsOf(full)));
    expect(shown).toMatchObject({
      rooms: [
        {
          claimWindow: '1h30m',
          pass: { idle: '10m', max: '45m' },
          ticketLifetime: '7d',
          startsAt: '2027-05-09T01:00:00.500Z',
        },
      ],
    });
  });

  test('[CF13] shows every secret as "***"', () => {
    const secret = 'hunter2';
    const token = { JUNBAN_OPS_TOKEN: secret };
    const single = showSettings(settingsOf(least, { ...token, JUNBAN_STORE_URL: `redis://u:${secret}@r` }));
    expect(parse(single)).toMatchObject({ ops: { token: '***' }, store: { url: 'redis://u:***@r:6379/0' } });
    const passwords = { JUNBAN_STORE_PASSWORD: secret, JUNBAN_STORE_SENTINEL_PASSWORD: secret };
    const sentinel = showSettings(settingsOf(full, { ...token, ...passwords }));
    expect(parse(sentinel)).toMatchObject({ store: { password: '***', sentinel: { password: '***' } } });
    const cluster = { ...least, store: { kind: 'redis', cluster: { hosts: ['a:1'] } } };
    const nodes = showSettings(settingsOf(cluster, { JUNBAN_STORE_PASSWORD: secret }));
    expect(parse(nodes)).toMatchObject({ store: { password: '***' } });
    expect(single + sentinel + nodes).not.toContain(secret);
  });
});
