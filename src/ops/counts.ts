// The plain numbers that metrics are made of: what flow, gateway and proxy count in fields of their own, and main.ts
// gathers when Prometheus asks. No metrics library, no I/O.
import type { AutopilotCause, autopilotCauses } from '../queue/autopilot-rules.ts';
import type { PassEnd, RoomChange } from '../queue/room-change.ts';
import type { StoreTally } from './measured-store.ts';
import type { RoomReport } from './room-report.ts';
import type { WaitTally } from './wait-tally.ts';

export type GatewayCounts = {
  /** Names this gateway in the leases of rooms. */
  readonly holder: string;
  readonly rooms: readonly RoomCounts[];
  /** WebSockets and event streams open at this gateway. */
  readonly socketsOpen: number;
  readonly framesPushed: number;
  /** Frames not sent because their reader was slow. */
  readonly framesDropped: number;
  /** How many requests were refused with each problem code. The codes are a closed set. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly storeOperations: StoreTally;
  /** Since when the key that signs passes signs; null: not known. */
  readonly signsFromMs: number | null;
  /** Whether the store does not answer now. */
  readonly storeTrouble: boolean;
  /** When the certificate of the store runs out; null without TLS. */
  readonly storeCertificateEndsAtMs: number | null;
  /** When the next of the operators' tokens runs out; null: none will. */
  readonly nextTokenEndAtMs: number | null;
  /** Wrong credentials that the ops listener got. */
  readonly wrongCredentials: number;
  readonly webhooks: WebhookCounts;
};

/** Of all webhooks together. */
export type WebhookCounts = {
  /** Of this gateway. `failed` are tries, `dead` messages that were given up. */
  readonly outcomes: Readonly<Record<'delivered' | 'failed' | 'dead', number>>;
  /** At whichever gateway. */
  readonly waiting: number;
};

export type RoomCounts = {
  readonly report: RoomReport;
  /** Whether this gateway is the caller of the room. */
  readonly isCaller: boolean;
  readonly passesEnded: Readonly<Record<PassEnd, number>>;
  readonly shop: ShopCounts;
  /** Requests to the shop that have not ended. */
  readonly shopInFlight: number;
  /** How many ranges told to fans held the true wait, how many did not, and how many were given up before. */
  readonly estimates: Readonly<Record<'held' | 'missed' | 'dropped', number>>;
  /** The median error of the expected wait; null: none is over yet. */
  readonly estimateError: number | null;
  /** How many the shop can work on at once, as learned. */
  readonly shopLimit: number;
  /** Requests that wait for the shop to have room. */
  readonly shopWaiting: number;
  /** Changes of the autopilot that this gateway saw, by cause. */
  readonly paceChanges: Readonly<Record<AutopilotCause, number>>;
  /** When the shop's certificate runs out; null without TLS, or before the first connection. */
  readonly certificateEndsAtMs: number | null;
  readonly waits: Pick<WaitTally, 'waits' | 'estimates'>;
  readonly renewals: number;
  readonly absent: number | null;
  readonly pushDelay: HistogramCounts;
};

export const shopOutcomes = [
  '1xx',
  '2xx',
  '3xx',
  '4xx',
  '5xx',
  'refused',
  'busy',
  'timed-out',
  'broken',
  'bad-answer',
  'bad-request',
  'abandoned',
  'closed',
] as const;
export type ShopOutcomeName = (typeof shopOutcomes)[number];

export type ShopCounts = {
  readonly outcomes: Readonly<Record<ShopOutcomeName, number>>;
  readonly signatureHits: number;
  readonly firstByte: HistogramCounts;
};

/** `counts[i]` observations were at most `boundsMs[i]` and above the bound before; the last count has no bound. */
export type HistogramCounts = {
  readonly boundsMs: readonly number[];
  readonly counts: readonly number[];
  readonly sumMs: number;
};

/** What a tally needs of the proxy's ShopOutcome. */
export type CountedOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly signature: boolean; readonly firstByteMs: number }
  | { readonly kind: Exclude<ShopOutcomeName, '1xx' | '2xx' | '3xx' | '4xx' | '5xx'> };

const firstByteBoundsMs = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000] as const;

/** Counts how requests to the shop of one room went. */
export class ShopOutcomeTally implements ShopCounts {
  readonly outcomes: Record<ShopOutcomeName, number> = {
    '1xx': 0,
    '2xx': 0,
    '3xx': 0,
    '4xx': 0,
    '5xx': 0,
    refused: 0,
    busy: 0,
    'timed-out': 0,
    broken: 0,
    'bad-answer': 0,
    'bad-request': 0,
    abandoned: 0,
    closed: 0,
  };
  signatureHits = 0;
  readonly firstByte = {
    boundsMs: firstByteBoundsMs,
    counts: new Array<number>(firstByteBoundsMs.length + 1).fill(0),
    sumMs: 0,
  };

  add(outcome: CountedOutcome): void {
    if (outcome.kind !== 'answered') {
      this.outcomes[outcome.kind] += 1;
      return;
    }
    this.outcomes[classOf(outcome.status)] += 1;
    if (outcome.signature) this.signatureHits += 1;
    const { counts, boundsMs } = this.firstByte;
    const found = boundsMs.findIndex(boundMs => outcome.firstByteMs <= boundMs);
    const slot = found < 0 ? boundsMs.length : found;
    counts[slot] = (counts[slot] ?? 0) + 1;
    this.firstByte.sumMs += outcome.firstByteMs;
  }
}

function classOf(status: number): ShopOutcomeName {
  if (status >= 500) return '5xx';
  if (status >= 400) return '4xx';
  if (status >= 300) return '3xx';
  return status >= 200 ? '2xx' : '1xx';
}

/** Counts why passes ended, from the changes that this gateway saw. */
export class PassEndTally {
  readonly counts: Record<PassEnd, number> = { idle: 0, max: 0, shop: 0, left: 0, revoked: 0, 'room-ended': 0 };

  add(changes: readonly RoomChange[]): void {
    for (const change of changes) {
      if (change.kind === 'pass-ended') this.counts[change.cause] += change.passIds.length;
    }
  }
}

/** Counts why the autopilot changed the pace, from the changes that this gateway saw. */
export class PaceChangeTally {
  readonly counts: Record<AutopilotCause, number> = {
    start: 0,
    unknown: 0,
    errors: 0,
    latency: 0,
    signals: 0,
    failing: 0,
    recovered: 0,
    headroom: 0,
  } satisfies Record<(typeof autopilotCauses)[number], number>;

  add(changes: readonly RoomChange[]): void {
    for (const change of changes) if (change.kind === 'autopilot') this.counts[change.cause] += 1;
  }
}
