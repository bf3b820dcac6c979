// A Redis behind TLS, as a real server with certificates of an authority of ours: reached with it, refused without.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RedisSettings } from '../../../src/store/redis/redis-settings.ts';
import { Device } from '../../support/device.ts';
import { freePort } from '../../support/free-port.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import { called, followed } from '../../support/store-changes.ts';

const folder = mkdtempSync(join(tmpdir(), 'junban-redis-tls-'));
const file = (name: string) => join(folder, name);
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });

const rig = new RedisRig();
afterEach(() => rig.end());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  for (const authority of ['ours', 'others']) {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      `${authority}.key`,
      '-out',
      `${authority}.pem`,
      '-subj',
      `/CN=${authority}`,
    );
  }
  for (const [server, names] of [
    ['here', 'DNS:localhost,IP:127.0.0.1'],
    ['elsewhere', 'DNS:redis.example'],
  ] as const) {
    const signed = ['-CA', 'ours.pem', '-CAkey', 'ours.key', '-addext', `subjectAltName=${names}`];
    openssl(
      'req',
      '-x509',
      ...newKey,
      ...signed,
      '-keyout',
      `${server}.key`,
      '-out',
      `${server}.pem`,
      '-subj',
      `/CN=${server}`,
    );
  }
  writeFileSync(file('no.pem'), 'this is no certificate\n');
});

/** A server that speaks TLS only, at a port of its own beside the plain one of the rig. */
async function tlsServer(certificate: string): Promise<RedisSettings> {
  const port = await freePort();
  const server = await rig.server({
    ...{ 'tls-port': String(port), 'tls-auth-clients': 'no', 'tls-ca-cert-file': file('ours.pem') },
    ...{ 'tls-cert-file': file(`${certificate}.pem`), 'tls-key-file': file(`${certificate}.key`) },
  });
  const servers = { kind: 'single', server: { host: '127.0.0.1', port } } as const;
  return { ...server.settings, servers, tls: true, caPath: file('ours.pem') };
}

const refusal = (settings: RedisSettings) =>
  rig.store(settings).then(
    () => 'it started',
    (error: Error) => error.message,
  );

test('[ST164] a Redis behind TLS is used as any other, on both connections of a gateway', async () => {
  const settings = await tlsServer('here');
  const [store, other] = [await rig.store(settings), await rig.store(settings)];
  const lead = await store.lead('sale', 'me');
  const { all } = followed(other, 'sale', 0, 1);
  await store.commit('sale', lead?.epoch ?? 0, 0, [called(1)]);
  expect(await all).toEqual([called(1)]);
  expect(await store.takeNumbers('sale', 2)).toBe(0);
});

test('[ST164] who is not vouched for is refused at once, with what was trusted and the remedy', async () => {
  const settings = await tlsServer('here');
  const startedAtMs = performance.now();
  expect(await refusal({ ...settings, caPath: file('others.pem') })).toMatch(
    /not vouched for by .*others\.pem \(store\.caFile\): .*\(Redis at 127\.0\.0\.1/,
  );
  expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  expect(await refusal({ ...settings, caPath: null })).toMatch(
    /not vouched for by the authorities of the system \(or name yours in store\.caFile\)/,
  );
});

test('[ST164] a certificate for another host, a file that is none, and one that is not there', async () => {
  const settings = await tlsServer('elsewhere');
  expect(await refusal(settings)).toMatch(/is for another host than store names: .*127\.0\.0\.1 is not in/);
  expect(await refusal({ ...settings, caPath: file('no.pem') })).toMatch(
    /no\.pem \(store\.caFile\) holds no certificate/,
  );
  expect(await refusal({ ...settings, caPath: file('none.pem') })).toMatch(
    /none\.pem \(store\.caFile\) cannot be read: ENOENT/,
  );
});

test('[ST164] TLS where there is none, and none where there is; a whole gateway is told in its file who vouches', async () => {
  const plain = await rig.server();
  const settings = await tlsServer('here');
  const refusals = Promise.all([
    refusal({ ...plain.settings, tls: true }),
    refusal({ ...settings, tls: false, caPath: null }),
  ]);
  const shop = await RecordingShop.start();
  rig.onEnd(() => shop.close());
  const { servers } = settings;
  const url = `rediss://localhost:${servers.kind === 'single' ? servers.server.port : 0}`;
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'entrance', shop: shop.url, pacePerMinute: 6_000 }],
    more: { store: { kind: 'redis', url, caFile: file('ours.pem') } },
  });
  rig.onEnd(() => gateway.remove());
  const device = await Device.joined(gateway.url, 'entrance');
  expect((await device.status()).state).not.toBe('closed');

  const said = await refusals;
  expect(said[0]).toMatch(/is not reached: .*where it has no TLS, write redis:\/\//);
  expect(said[1]).toMatch(/is not reached: .*where it has TLS, write rediss:\/\//);
});
