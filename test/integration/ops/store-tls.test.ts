// A Redis behind TLS with a certificate of its own: the gateway speaks to it, and says when the certificate runs out.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RedisProcess } from '../../support/redis-process.ts';

let folder: string;
let redis: RedisProcess;
let gateway: GatewayProcess;
let certificate: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'junban-store-tls-'));
  const key = join(folder, 'key.pem');
  certificate = join(folder, 'cert.pem');
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '9'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...made, ...files, ...name], { stdio: 'ignore' });
  const tlsPort = await freePort();
  redis = await RedisProcess.start({
    'tls-port': String(tlsPort),
    'tls-cert-file': certificate,
    'tls-key-file': key,
    'tls-ca-cert-file': certificate,
    'tls-auth-clients': 'no',
  });
  gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: 'http://127.0.0.1:9' }],
    more: { store: { kind: 'redis', url: `rediss://127.0.0.1:${tlsPort}` } },
    env: { NODE_EXTRA_CA_CERTS: certificate },
  });
});
afterAll(async () => {
  await gateway?.remove();
  await redis?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('[OP146] the certificate that the store showed is told with its end', async () => {
  const endsAtMs = Date.parse(new X509Certificate(readFileSync(certificate)).validTo);
  const metrics = await gateway.metrics();
  expect(metrics).toContain(`junban_store_certificate_expiry_timestamp_seconds ${endsAtMs / 1_000}\n`);
  expect(metrics).toMatch(/^junban_store_operation_seconds_count\{operation="lead"\} [1-9]/m);
});
