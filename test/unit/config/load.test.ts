// Files to settings: defaults, forms, and the texts that are no configuration at all.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../../src/config/load.ts';
import { showProblems } from '../../../src/config/problems.ts';
import { least, leastRoom, load, problemsOf, roomOf, settingsOf } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'junban-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('defaults', () => {
  test('[CF1] a room with id and shop is enough', () => {
    expect(settingsOf(least)).toEqual({
      listen: { host: '0.0.0.0', port: 8080 },
      prefix: '/_junban',
      ops: { listen: { host: '127.0.0.1', port: 9090 }, token: null, tokens: [], proxyLogin: null },
      store: { kind: 'embedded', path: '/etc/junban/junban-data' },
      keys: { path: null },
      trustedProxies: [],
      log: { level: 'info' },
      webhooks: [],
      longLine: 10_000,
      rooms: [
        {
          id: 'sale',
          match: { hosts: ['*'], paths: ['/'], bypass: [], checkout: [] },
          look: { name: null, logoPath: null, accent: null, language: null, links: [], texts: {} },
          shop: 'http://127.0.0.1:3000',
          opensAtMs: null,
          startsAtMs: null,
          endsAtMs: null,
          pacePerMinute: 600,
          activeCap: 500,
          claim: 'confirm',
          claimWindowMs: 300_000,
          claimExtensions: 10,
          graceTimeMs: 90_000,
          pass: { idleMs: 600_000, maxMs: 2_700_000, checkoutExtraMs: 900_000, comebackMs: 600_000 },
          shopLimit: { mode: 'auto', waitMs: 5_000 },
          ticketLifetimeMs: 604_800_000,
          waitingStatus: 200,
          allowedOrigins: [],
          shopTimeoutMs: 30_000,
          autopilot: {
            mode: 'off',
            minPerMinute: 60,
            maxPerMinute: 6_000,
            stepPercent: 10,
            latencyTargetMs: null,
            signalSources: [],
            errorSignatures: [],
          },
          draw: { randomness: { kind: 'none' }, waitMs: null },
        },
      ],
    });
  });

  test('[CF1] the settings are frozen to the bottom', () => {
    const frozenAll = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozenAll));
    expect(frozenAll(settingsOf({ ...least, trustedProxies: ['10.0.0.0/8'] }))).toBe(true);
  });

  test('[CF1] a mapping that is given in part keeps the other defaults', () => {
    expect(roomOf({ pass: { max: '2h' }, match: { hosts: ['A.Example.'] }, autopilot: { mode: 'on' } })).toMatchObject({
      pass: { idleMs: 600_000, maxMs: 7_200_000 },
      match: { hosts: ['a.example'], paths: ['/'] },
      autopilot: { mode: 'on', minPerMinute: 60 },
    });
  });
});

describe('forms', () => {
  test('[CF1] the three forms of Redis', () => {
    expect(settingsOf({ ...least, store: { kind: 'redis', url: 'rediss://u:p%40@[::1]/2' } }).store).toEqual({
      kind: 'redis',
      servers: { kind: 'single', server: { host: '::1', port: 6379 } },
      username: 'u',
      password: 'p@',
      database: 2,
      tls: true,
      caPath: null,
      keyPrefix: 'junban',
    });
    const sentinel = { name: 'main', hosts: ['s-1:26379', '[::1]:26380'], username: 'watch' };
    expect(
      settingsOf({ ...least, store: { kind: 'redis', sentinel, tls: true, username: 'u', keyPrefix: 'a:b' } }).store,
    ).toEqual({
      kind: 'redis',
      servers: {
        kind: 'sentinel',
        name: 'main',
        sentinels: [
          { host: 's-1', port: 26379 },
          { host: '::1', port: 26380 },
        ],
        username: 'watch',
        password: null,
      },
      username: 'u',
      password: null,
      database: 0,
      tls: true,
      caPath: null,
      keyPrefix: 'a:b',
    });
    expect(settingsOf({ ...least, store: { kind: 'redis', cluster: { hosts: ['r:1'] } } }).store).toMatchObject({
      servers: { kind: 'cluster', nodes: [{ host: 'r', port: 1 }] },
      tls: false,
    });
  });

  test('[CF1] error signatures and public randomness', () => {
    const errorSignatures = [{ body: 'M941' }, { status: 200, header: 'X-Error:  overloaded ' }, { header: 'x-busy' }];
    expect(roomOf({ autopilot: { errorSignatures } }).autopilot.errorSignatures).toEqual([
      { status: null, header: null, body: 'M941' },
      { status: 200, header: { name: 'x-error', value: 'overloaded' }, body: null },
      { status: null, header: { name: 'x-busy', value: null }, body: null },
    ]);
    const startsAt = '2027-05-09T10:00:00+09:00';
    expect(roomOf({ startsAt, draw: { randomness: { kind: 'drand' } } }).draw.randomness).toEqual({
      kind: 'drand',
      chain: expect.stringMatching(/^[0-9a-f]{64}$/),
      urls: ['https://api.drand.sh', 'https://drand.cloudflare.com'],
    });
    const figure = { kind: 'figure', named: 'the closing value' };
    expect(roomOf({ startsAt, draw: { randomness: figure } }).draw).toEqual({ randomness: figure, waitMs: 600_000 });
    const named = { kind: 'drand', chain: 'default' };
    expect(roomOf({ startsAt, draw: { randomness: named, wait: '1m' } }).draw).toMatchObject({
      randomness: { chain: expect.stringMatching(/^8990e7a9/) },
      waitMs: 60_000,
    });
    expect(roomOf({ startsAt, draw: { randomness: { kind: 'drand' } } }).draw.waitMs).toBe(10_000);
  });

  test('[CF9] hosts come back as browsers send them, paths as they are written', () => {
    const match = {
      hosts: ['*', '*.Example.', '順番.example', '[::1]', '10.0.0.1'],
      paths: ['/順番', '/a/', '/a%20b/%E9%A0%86'],
    };
    expect(roomOf({ match }).match).toEqual({
      hosts: ['*', '*.example', 'xn--fpy515e.example', '[::1]', '10.0.0.1'],
      paths: ['/順番', '/a/', '/a%20b/%E9%A0%86'],
      bypass: [],
      checkout: [],
    });
  });

  test('[CF9] addresses come back in one form', () => {
    const settings = settingsOf({
      listen: '[::1]:0',
      trustedProxies: ['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1'],
      rooms: [
        {
          ...leastRoom,
          shop: 'HTTPS://Shop.Example:443/',
          allowedOrigins: ['HTTPS://A.Example:443', 'capacitor://localhost'],
        },
      ],
    });
    expect(settings.listen).toEqual({ host: '::1', port: 0 });
    expect(settings.trustedProxies).toEqual(['10.0.0.0/8', '192.0.2.1/32', 'fd00::/8', '::1/128']);
    expect(settings.rooms[0]).toMatchObject({
      shop: 'https://shop.example',
      allowedOrigins: ['https://a.example', 'capacitor://localhost'],
    });
  });
});

describe('paths', () => {
  test("[CF15] paths in the file are relative to the file's folder, whatever the working folder is", () => {
    const file = { ...least, store: { kind: 'embedded', path: '../data' }, keys: { path: './keys' } };
    expect(settingsOf(file)).toMatchObject({ store: { path: '/etc/data' }, keys: { path: '/etc/junban/keys' } });
  });

  test('[CF15] paths in variables are relative to the working folder', () => {
    const settings = settingsOf(least, { JUNBAN_STORE_PATH: 'data', JUNBAN_KEYS_PATH: './keys' });
    expect(settings).toMatchObject({
      store: { path: join(process.cwd(), 'data') },
      keys: { path: join(process.cwd(), 'keys') },
    });
  });
});

describe('files', () => {
  const refused: readonly [string, string, RegExp][] = [
    ['an empty file', '# nothing\n', /^the file is empty: it needs "rooms"$/],
    ['a list', '- a', /^the file must be a mapping with "rooms"$/],
    ['a text', 'hello', /^the file must be a mapping/],
    ['a cut list', 'rooms: [', /^line 1, column \d+: /],
    ['a key twice', 'log: {}\nlog: {}\n', /^line 2, column 1: Map keys must be unique$/],
    ['an unknown tag', 'rooms: !!js/function x', /^line 1, column 8: Unresolved tag/],
    ['two documents', 'rooms: []\n---\nrooms: []', /multiple documents/],
    ['JSON that is cut', '{"rooms": [{"id": "a"', /^line 1, column \d+: /],
    ['an alias to nothing', 'rooms: *none', /none/],
  ];
  test.each(refused)('[CF11] %s is refused with its place', (_, text, message) => {
    expect(problemsOf(text)[0]).toMatch(message);
  });

  test('[CF11] aliases that multiply are stopped', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`,
    );
    expect(problemsOf(['a0: &a0 [x]', ...levels].join('\n'))).toEqual([expect.stringContaining('alias')]);
  });

  test('[CF11] JSON with tabs is read, anchors of YAML are too', () => {
    expect(load('{\n\t"rooms": [\n\t\t{ "id": "a", "shop": "http://x" }\n\t]\n}').kind).toBe('ok');
    expect(load('rooms:\n- {id: a, shop: &s "http://x", match: {paths: [/a]}}\n- {id: b, shop: *s}').kind).toBe('ok');
  });

  test('[CF11] [CF7] a file is read from disk, and its problems name it', () => {
    writeFileSync(join(folder, 'a.yaml'), 'rooms: [{ id: a, shop: "http://x" }]\nops: { tokenFile: ./token }\n');
    writeFileSync(join(folder, 'token'), 'a-secret\n');
    const loaded = loadSettings({ path: join(folder, 'a.yaml'), env: {} });
    expect(loaded).toMatchObject({ kind: 'ok', settings: { ops: { token: 'a-secret' } } });
    rmSync(join(folder, 'token'));
    expect(loadSettings({ path: join(folder, 'a.yaml'), env: {} })).toEqual({
      kind: 'problems',
      problems: [{ path: 'ops.tokenFile', message: `cannot read ${join(folder, 'token')}: no such file` }],
    });
  });
});

describe('files that cannot be read', () => {
  const problemOf = (path: string) => {
    const loaded = loadSettings({ path, env: {} });
    return loaded.kind === 'problems' ? showProblems('it', loaded.problems) : 'ok';
  };

  test('[CF11] a missing file, a folder, bytes that are not UTF-8, a file without end', () => {
    const folderHere = mkdtempSync(join(tmpdir(), 'junban-config-'));
    writeFileSync(join(folderHere, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    writeFileSync(join(folderHere, 'large.yaml'), '#'.repeat(1_048_577));
    expect(problemOf(join(folderHere, 'none.yaml'))).toMatch(
      /^it: 1 problem\n {2}cannot read .*none.yaml: no such file$/,
    );
    expect(problemOf(folderHere)).toMatch(/it is a folder$/);
    expect(problemOf(join(folderHere, 'latin1.yaml'))).toMatch(/is not UTF-8$/);
    expect(problemOf(join(folderHere, 'large.yaml'))).toMatch(/is larger than 1048576 bytes$/);
    rmSync(folderHere, { recursive: true, force: true });
  });
});
