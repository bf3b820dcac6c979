// STATUS as the page reads it: the one object that every transport carries. The gateway owns its making; this file
// leaves every decision about it to others and only refuses what is not a STATUS of version 1.

export const deviceStates = ['lobby', 'waiting', 'called', 'entering', 'missed', 'admitted', 'left', 'ended'] as const;
export type DeviceState = (typeof deviceStates)[number];

export interface Status {
  readonly v: 1;
  readonly room: string;
  readonly phase: 'closed' | 'lobby' | 'open' | 'ended';
  readonly paused: boolean;
  readonly state: DeviceState;
  /** Arrival number from 0, as it stands in the ticket: what a fan tells support. */
  readonly number: number | null;
  readonly place: number | null;
  readonly ahead: number | null;
  readonly total: number | null;
  readonly etaSeconds: readonly [low: number, high: number] | null;
  readonly pacePerMinute: number | null;
  /** Instants are RFC 3339 UTC. */
  readonly startsAt: string | null;
  readonly claimBy: string | null;
  readonly message: string | null;
  /** By language tag, where the operator gave several texts. */
  readonly messages?: Readonly<Record<string, string>>;
  /** What is left in the shop, where the operator says; null: not known, 0: sold out. */
  readonly stock?: readonly { readonly name: string; readonly remaining: number | null }[];
  readonly asOf: string;
  readonly checking: boolean;
  /** Milliseconds until a polling device asks again. */
  readonly next: number;
  /** True while the shop fails and all clocks stand still; absent means false. */
  readonly shopFailing?: boolean;
  /** False while nobody new is let in for another reason than a pause or the shop, nobody knows how long; absent means true. */
  readonly calling?: boolean;
  /** True where `calling` is false because as many are inside as may be; absent means false. */
  readonly full?: boolean;
  /** While the cap, and not the pace, holds the line back: how many are called per minute, as measured. */
  readonly calledPerMinute?: number;
  /** While a sealed draw waits: for `drand` or the figure announced, and until when. */
  readonly drawWaits?: { readonly named: string; readonly until: string };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isStatus = (value: unknown): value is Status =>
  isRecord(value) &&
  value.v === 1 &&
  deviceStates.some(state => state === value.state) &&
  typeof value.asOf === 'string' &&
  !Number.isNaN(Date.parse(value.asOf));

/** Null for anything that is not a STATUS of version 1; the caller keeps what it had. */
export const decodeStatus = (value: unknown): Status | null => (isStatus(value) ? value : null);

/** Null for text that is not JSON or not a STATUS. */
export const parseStatus = (text: string): Status | null => {
  try {
    return decodeStatus(JSON.parse(text));
  } catch {
    // Not JSON: garbage from in between (a captive portal, a proxy) says nothing about the line.
    return null;
  }
};
