// Turns the checked file into the frozen settings: units into names, absent into null, paths made absolute.
import { resolve } from 'node:path';
import type { Secrets } from './overlay.ts';
import type { FileShape } from './schema.ts';
import type {
  ErrorSignature,
  LookSettings,
  OpsSettings,
  OpsToken,
  RedisServers,
  RoomSettings,
  Settings,
  StoreSettings,
} from './settings.ts';

export function settingsFrom(file: FileShape, secrets: Secrets, folder: string): Settings {
  return deepFrozen({
    listen: file.listen,
    prefix: file.prefix,
    ops: opsFrom(file.ops, secrets),
    store: storeFrom(file.store, secrets, folder),
    keys: { path: file.keys.path === undefined ? null : resolve(folder, file.keys.path) },
    trustedProxies: file.trustedProxies,
    log: file.log,
    webhooks: file.webhooks.flatMap(({ url, events, allowPrivate }, index) => {
      const secret = secrets.webhookSecrets[index] ?? null;
      return secret === null ? [] : [{ url, events, allowPrivate, secret }];
    }),
    longLine: file.longLine,
    rooms: file.rooms.map(room => roomFrom(room, folder)),
  });
}

function opsFrom({ listen, tokens, proxyLogin }: FileShape['ops'], secrets: Secrets): OpsSettings {
  const { opsToken, opsTokens } = secrets;
  const named = tokens.flatMap(({ name, role }, index): OpsToken[] => {
    const token = opsTokens[index] ?? null;
    return token === null ? [] : [{ name, role, token }];
  });
  const main: OpsToken[] = opsToken === null ? [] : [{ name: 'admin', role: 'admin', token: opsToken }];
  return { listen, token: opsToken, tokens: [...main, ...named], proxyLogin: proxyLogin ?? null };
}

function storeFrom(store: FileShape['store'], secrets: Secrets, folder: string): StoreSettings {
  if (store.kind === 'embedded') return { kind: 'embedded', path: resolve(folder, store.path) };
  const { url } = store;
  return {
    kind: 'redis',
    servers: serversFrom(store, secrets),
    username: url?.username ?? store.username ?? null,
    password: url?.password ?? secrets.storePassword,
    database: url?.database ?? 0,
    tls: url?.tls ?? store.tls ?? false,
    caPath: store.caFile === undefined ? null : resolve(folder, store.caFile),
    keyPrefix: store.keyPrefix,
  };
}

function serversFrom(store: Extract<FileShape['store'], { kind: 'redis' }>, secrets: Secrets): RedisServers {
  if (store.url !== undefined) return { kind: 'single', server: store.url.server };
  if (store.cluster !== undefined) return { kind: 'cluster', nodes: store.cluster.hosts };
  if (store.sentinel === undefined) throw new Error('a redis store without servers passed the cross-checks');
  const { name, hosts, username = null } = store.sentinel;
  return { kind: 'sentinel', name, sentinels: hosts, username, password: secrets.sentinelPassword };
}

function lookFrom(look: FileShape['rooms'][number]['look'], folder: string): LookSettings {
  const { name = null, logo, accent = null, language = null, links, texts } = look;
  return { name, logoPath: logo === undefined ? null : resolve(folder, logo), accent, language, links, texts };
}

function roomFrom(room: FileShape['rooms'][number], folder: string): RoomSettings {
  return {
    id: room.id,
    match: room.match,
    shop: room.shop,
    opensAtMs: room.opensAt ?? null,
    startsAtMs: room.startsAt ?? null,
    endsAtMs: room.endsAt ?? null,
    look: lookFrom(room.look, folder),
    pacePerMinute: room.pacePerMinute,
    activeCap: room.activeCap,
    claim: room.claim,
    claimWindowMs: room.claimWindow,
    claimExtensions: room.claimExtensions,
    graceTimeMs: room.graceTime,
    pass: {
      idleMs: room.pass.idle,
      maxMs: room.pass.max,
      checkoutExtraMs: room.pass.checkoutExtra,
      comebackMs: room.pass.comeback,
    },
    ticketLifetimeMs: room.ticketLifetime,
    waitingStatus: room.waitingStatus,
    allowedOrigins: room.allowedOrigins,
    shopTimeoutMs: room.shopTimeout,
    autopilot: autopilotFrom(room.autopilot),
    shopLimit: { mode: room.shopLimit.mode, waitMs: room.shopLimit.wait },
    draw: drawFrom(room.draw),
  };
}

/** A round is there within seconds of its instant; a figure needs somebody to enter it. */
const waitMs = { none: null, drand: 10_000, figure: 600_000 } as const;

function drawFrom({ randomness, wait }: FileShape['rooms'][number]['draw']): RoomSettings['draw'] {
  return { randomness, waitMs: randomness.kind === 'none' ? null : (wait ?? waitMs[randomness.kind]) };
}

function autopilotFrom(file: FileShape['rooms'][number]['autopilot']): RoomSettings['autopilot'] {
  const { latencyTarget, errorSignatures, ...plain } = file;
  return { ...plain, latencyTargetMs: latencyTarget ?? null, errorSignatures: errorSignatures.map(signatureFrom) };
}

type FileSignature = FileShape['rooms'][number]['autopilot']['errorSignatures'][number];

const signatureFrom = (signature: FileSignature): ErrorSignature => ({
  status: signature.status ?? null,
  header: signature.header ?? null,
  body: signature.body ?? null,
});

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) deepFrozen(inner);
    Object.freeze(value);
  }
  return value;
}
