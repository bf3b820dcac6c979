// How many devices to call now, and what keeps it from being more. The exact limits stand at the claim gate; calling
// is planned so that the gate always has somebody to let in.

/** What limits the calling at this moment; operators see it as the reason for the pace they get. */
export type CallLimit = 'draining' | 'gathering' | 'nobody-in-line' | 'pace' | 'cap' | 'claim-window' | 'claims-busy';

export type CallSituation = {
  /** Devices in line: present and neither called nor missed. */
  readonly inLine: number;
  /** What the call bucket gives now. */
  readonly paceAllows: number;
  /** Called and not yet in, present or not. */
  readonly outstanding: number;
  /** How many of these will claim, those at the gate included; a fraction. */
  readonly claimsExpected: number;
  /** Claims that wait at the gate. */
  readonly entering: number;
  readonly active: number;
  readonly activeCap: number;
  readonly pacePerMinute: number;
  /** The pace of the calls: above the other by what no-shows take away. */
  readonly callPacePerMinute: number;
  readonly claimWindowMs: number;
  /** The share of calls that nobody claims. */
  readonly noShowShare: number;
  /** How long a device takes to claim; null while too little is known. */
  readonly claimDelayMs: number | null;
};

/** While little is known, so much of the pace may wait at the claim gate before calling pauses. */
const enteringBufferMs = 2_000;
/** No-shows are made up for with a little more, so that a share learned too low starves nobody; `claims-busy` bounds it. */
const callMargin = 1.1;

/** The pace of calling that brings claims at the set pace when this share of the calls is not claimed. */
export function callPaceOf(pacePerMinute: number, noShowShare: number): number {
  return noShowShare > 0 ? (pacePerMinute * callMargin) / (1 - noShowShare) : pacePerMinute;
}

/** How many devices to call, and the limit that decided. Never negative. */
export function planCalls(situation: CallSituation): { readonly count: number; readonly limit: CallLimit } {
  const { outstanding, claimsExpected, noShowShare, claimWindowMs } = situation;
  const perMs = situation.callPacePerMinute / 60_000;
  const perCall = 1 - noShowShare;
  const limits: readonly (readonly [CallLimit, number])[] = [
    ['nobody-in-line', situation.inLine],
    ['pace', situation.paceAllows],
    ['cap', Math.floor((situation.activeCap - situation.active - claimsExpected) / perCall + rounding)],
    ['claim-window', Math.max(1, Math.floor(perMs * claimWindowMs)) - outstanding],
    ['claims-busy', Math.floor((claimsWanted(situation) - claimsExpected) / perCall)],
  ];
  const [limit, count] = limits.reduce((least, each) => (each[1] < least[1] ? each : least));
  return { count: Math.max(0, count), limit };
}

const rounding = 1e-6;

/**
 * How many claims may be on their way or at the gate. On their way is what the pace takes while a device makes up its mind;
 * at the gate a stock that random delays rarely empty: two standard deviations of what comes in that time.
 */
function claimsWanted({ pacePerMinute, claimDelayMs, claimsExpected, entering }: CallSituation): number {
  const perMs = pacePerMinute / 60_000;
  if (claimDelayMs === null) return claimsExpected - entering + Math.ceil(perMs * enteringBufferMs) + 1;
  const underWay = perMs * claimDelayMs;
  return underWay + 2 * Math.sqrt(underWay) + 2 + perMs * turnMs;
}

/** Decisions come in turns of this length. */
const turnMs = 100;
