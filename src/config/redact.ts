// The effective configuration for people: the file's own shape, durations as they are written, secrets as "***".
import { stringify } from 'yaml';
import { showAddress } from './address.ts';
import { showDuration } from './duration.ts';
import { showInstant } from './instant.ts';
import type {
  ErrorSignature,
  LookSettings,
  RedisStoreSettings,
  RoomSettings,
  Settings,
  StoreSettings,
} from './settings.ts';

export function showSettings(settings: Settings): string {
  const { ops, store, keys, trustedProxies, log, webhooks } = settings;
  return stringify(
    {
      listen: showAddress(settings.listen),
      prefix: settings.prefix,
      ops: showOps(ops),
      store: showStore(store),
      keys: { path: keys.path ?? undefined },
      trustedProxies,
      log,
      webhooks:
        webhooks.length === 0 ? undefined : webhooks.map(hook => ({ ...hook, secret: undefined, secretFile: '***' })),
      longLine: settings.longLine,
      rooms: settings.rooms.map(showRoom),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function showOps({ listen, token, tokens, proxyLogin }: Settings['ops']): unknown {
  // The first is the admin's own, shown as `token`.
  const named = tokens.slice(token === null ? 0 : 1).map(({ name, role }) => ({ name, role, tokenFile: '***' }));
  return {
    listen: showAddress(listen),
    token: hidden(token),
    tokens: named.length > 0 ? named : undefined,
    proxyLogin: proxyLogin ?? undefined,
  };
}

/** Absent keys are left out. */
const hidden = (secret: string | null): string | undefined => (secret === null ? undefined : '***');

function showStore(store: StoreSettings): unknown {
  if (store.kind === 'embedded') return { kind: store.kind, path: store.path };
  return { kind: store.kind, ...showServers(store), keyPrefix: store.keyPrefix };
}

function showServers({ servers, username, password, database, tls, caPath }: RedisStoreSettings): object {
  const caFile = caPath ?? undefined;
  const login = { username: username ?? undefined, password: hidden(password), tls, caFile };
  switch (servers.kind) {
    case 'single': {
      const user = username === null ? '' : encodeURIComponent(username);
      const credentials = username === null && password === null ? '' : `${user}${password === null ? '' : ':***'}@`;
      return { url: `redis${tls ? 's' : ''}://${credentials}${showAddress(servers.server)}/${database}`, caFile };
    }
    case 'sentinel': {
      const { name, sentinels, username: user, password: secret } = servers;
      const sentinel = {
        name,
        hosts: sentinels.map(showAddress),
        username: user ?? undefined,
        password: hidden(secret),
      };
      return { sentinel, ...login };
    }
    case 'cluster':
      return { cluster: { hosts: servers.nodes.map(showAddress) }, ...login };
  }
}

/** One room as an entry of the file, with the defaults that hold for it. */
export function showRoom(room: RoomSettings): unknown {
  const { pass } = room;
  return {
    id: room.id,
    match: room.match,
    shop: room.shop,
    opensAt: shownInstant(room.opensAtMs),
    startsAt: shownInstant(room.startsAtMs),
    endsAt: shownInstant(room.endsAtMs),
    look: showLook(room.look),
    pacePerMinute: room.pacePerMinute,
    activeCap: room.activeCap,
    claim: room.claim,
    claimWindow: showDuration(room.claimWindowMs),
    claimExtensions: room.claimExtensions,
    graceTime: showDuration(room.graceTimeMs),
    pass: {
      idle: showDuration(pass.idleMs),
      max: showDuration(pass.maxMs),
      checkoutExtra: showDuration(pass.checkoutExtraMs),
      comeback: showDuration(pass.comebackMs),
    },
    ticketLifetime: showDuration(room.ticketLifetimeMs),
    waitingStatus: room.waitingStatus,
    allowedOrigins: room.allowedOrigins,
    shopTimeout: showDuration(room.shopTimeoutMs),
    shopLimit: { mode: room.shopLimit.mode, wait: showDuration(room.shopLimit.waitMs) },
    autopilot: showAutopilot(room.autopilot),
    draw: {
      randomness: room.draw.randomness,
      wait: room.draw.waitMs === null ? undefined : showDuration(room.draw.waitMs),
    },
  };
}

function showLook({ name, logoPath, accent, language, links, texts }: LookSettings): unknown {
  return {
    ...{ name: name ?? undefined, logo: logoPath ?? undefined, accent: accent ?? undefined },
    ...{ language: language ?? undefined, links, texts },
  };
}

function showAutopilot({ latencyTargetMs, errorSignatures, ...plain }: RoomSettings['autopilot']): unknown {
  return {
    ...plain,
    latencyTarget: latencyTargetMs === null ? undefined : showDuration(latencyTargetMs),
    errorSignatures: errorSignatures.map(showSignature),
  };
}

const shownInstant = (atMs: number | null): string | undefined => (atMs === null ? undefined : showInstant(atMs));

function showSignature({ status, header, body }: ErrorSignature): unknown {
  const line = header === null ? undefined : [header.name, header.value].filter(part => part !== null).join(': ');
  return { status: status ?? undefined, header: line, body: body ?? undefined };
}
