// How many devices to call now, and what keeps it from being more. The exact limits stand at the claim gate; calling
// is planned so that the gate always has somebody to let in.

/** What limits the calling at this moment; operators see it as the reason for the pace they get. */
export type CallLimit = 'nobody-in-line' | 'pace' | 'cap' | 'claim-window' | 'claims-busy';

export type CallSituation = {
  /** Devices in line: present and neither called nor missed. */
  readonly inLine: number;
  /** What the call bucket gives now. */
  readonly paceAllows: number;
  /** Called and not yet in, present or not. */
  readonly outstanding: number;
  /** Of these, how many are present and so may still claim. */
  readonly outstandingPresent: number;
  /** Claims that wait at the gate. */
  readonly entering: number;
  readonly active: number;
  readonly activeCap: number;
  readonly pacePerMinute: number;
  readonly claimWindowMs: number;
};

/** So much of the pace may wait at the claim gate before calling pauses: enough that the gate never runs dry. */
const enteringBufferMs = 2_000;

/** How many devices to call, and the limit that decided. Never negative. */
export function planCalls(situation: CallSituation): { readonly count: number; readonly limit: CallLimit } {
  const perMs = situation.pacePerMinute / 60_000;
  const limits: readonly (readonly [CallLimit, number])[] = [
    ['nobody-in-line', situation.inLine],
    ['pace', situation.paceAllows],
    ['cap', situation.activeCap - situation.active - situation.outstandingPresent],
    ['claim-window', Math.max(1, Math.floor(perMs * situation.claimWindowMs)) - situation.outstanding],
    ['claims-busy', Math.ceil(perMs * enteringBufferMs) + 1 - situation.entering],
  ];
  const [limit, count] = limits.reduce((least, each) => (each[1] < least[1] ? each : least));
  return { count: Math.max(0, count), limit };
}
