// What the rest of Junban gets to see of its configuration: parsed, checked and frozen. Durations are milliseconds,
// instants epoch milliseconds, absent values null. The shape of the file itself is in schema.ts.

import type { Look } from '../page/look.ts';

export interface Settings {
  readonly listen: Address;
  /** Everything of ours lies under it; starts with "/" and has no slash at its end. Default "/_junban". */
  readonly prefix: string;
  readonly ops: OpsSettings;
  readonly store: StoreSettings;
  readonly keys: { readonly path: string | null };
  /** CIDR ranges whose X-Forwarded-For is believed; empty: nobody's. */
  readonly trustedProxies: readonly string[];
  readonly log: { readonly level: LogLevel };
  readonly webhooks: readonly WebhookSettings[];
  /** From so many devices on a line is long. Default 10,000. */
  readonly longLine: number;
  readonly rooms: readonly RoomSettings[];
}

export interface Address {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

export const webhookEvents = ['room.phase', 'line.long', 'line.empty', 'line.stuck', 'stock.sold-out'] as const;

export interface WebhookSettings {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly (typeof webhookEvents)[number][];
  /** Whether it may go to addresses of this machine and its network. */
  readonly allowPrivate: boolean;
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface OpsSettings {
  readonly listen: Address;
  /** The admin's token; null: there is none in the configuration. */
  readonly token: string | null;
  /** Every token of the configuration, the admin's first. */
  readonly tokens: readonly OpsToken[];
  /** A proxy in front that logs operators in; null: none. */
  readonly proxyLogin: ProxyLoginSettings | null;
}

export const opsRoles = ['viewer', 'operator', 'admin'] as const;
export type OpsRole = (typeof opsRoles)[number];

export interface OpsToken {
  readonly name: string;
  readonly role: OpsRole;
  readonly token: string;
}

export interface ProxyLoginSettings {
  /** Its value is the operator's name. */
  readonly header: string;
  /** CIDR ranges from which it is believed. */
  readonly from: readonly string[];
  readonly role: OpsRole;
}

export type StoreSettings = EmbeddedStoreSettings | RedisStoreSettings;

export interface EmbeddedStoreSettings {
  readonly kind: 'embedded';
  /** Absolute. */
  readonly path: string;
}

export interface RedisStoreSettings {
  readonly kind: 'redis';
  readonly servers: RedisServers;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  readonly tls: boolean;
  /** Certificates that vouch for the servers, absolute; null: those of the system. */
  readonly caPath: string | null;
  /** Put before every key of ours. Default "junban". */
  readonly keyPrefix: string;
}

export type RedisServers =
  | { readonly kind: 'single'; readonly server: Address }
  | {
      readonly kind: 'sentinel';
      readonly name: string;
      readonly sentinels: readonly Address[];
      /** The credentials of the sentinels themselves. */
      readonly username: string | null;
      readonly password: string | null;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly Address[] };

export interface RoomSettings {
  readonly id: string;
  readonly match: MatchSettings;
  /** An http or https origin without a path, as in "http://127.0.0.1:3000". */
  readonly shop: string;
  readonly opensAtMs: number | null;
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly look: LookSettings;
  readonly pacePerMinute: number;
  readonly activeCap: number;
  readonly claim: 'confirm' | 'auto';
  readonly claimWindowMs: number;
  /** How often a called device may ask for more time, up to a minute each; 0: never. */
  readonly claimExtensions: number;
  readonly graceTimeMs: number;
  readonly pass: {
    readonly idleMs: number;
    readonly maxMs: number;
    readonly checkoutExtraMs: number;
    readonly comebackMs: number;
  };
  readonly ticketLifetimeMs: number;
  readonly waitingStatus: WaitingStatus;
  /** Beside the room's own origin; empty: only that. */
  readonly allowedOrigins: readonly string[];
  /** Until the first byte of the shop's answer. */
  readonly shopTimeoutMs: number;
  readonly autopilot: AutopilotSettings;
  readonly shopLimit: { readonly mode: 'auto' | 'on' | 'off'; readonly waitMs: number };
  readonly draw: {
    readonly randomness: RandomnessSettings;
    /** How long the reveal waits for the announced randomness; null where nothing is announced. */
    readonly waitMs: number | null;
  };
}

/** The page's own shape, but for the logo, which is a file here. */
export type LookSettings = Omit<Look, 'logo'> & {
  /** Absolute. */
  readonly logoPath: string | null;
};

export interface MatchSettings {
  /** Lower case, without port; "*" stands for every host. */
  readonly hosts: readonly string[];
  /** Prefixes on segment borders. */
  readonly paths: readonly string[];
  /** Prefixes that go straight to the shop. */
  readonly bypass: readonly string[];
  /** Prefixes of the checkout. */
  readonly checkout: readonly string[];
}

export const waitingStatuses = [200, 202, 429, 503] as const;
export type WaitingStatus = (typeof waitingStatuses)[number];

export interface AutopilotSettings {
  readonly mode: 'off' | 'shadow' | 'on';
  readonly minPerMinute: number;
  readonly maxPerMinute: number;
  readonly stepPercent: number;
  /** Null: learned. */
  readonly latencyTargetMs: number | null;
  /** Names of those who may post signals. */
  readonly signalSources: readonly string[];
  readonly errorSignatures: readonly ErrorSignature[];
}

/** An answer of the shop that counts as an error when everything that is not null holds. */
export interface ErrorSignature {
  readonly status: number | null;
  /** The name in lower case; a null value: the header being there is enough. Else it is found within the header. */
  readonly header: { readonly name: string; readonly value: string | null } | null;
  /** Found within the body. */
  readonly body: string | null;
}

/** Relays of both public drand chains. */
export const defaultRelays: readonly string[] = ['https://api.drand.sh', 'https://drand.cloudflare.com'];

export type RandomnessSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'figure'; readonly named: string }
  /** The chain's hash in hex; the round follows from the start. */
  | { readonly kind: 'drand'; readonly chain: string; readonly urls: readonly string[] };
