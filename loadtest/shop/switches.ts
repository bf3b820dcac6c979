// What can be changed while the shop runs, and what it has counted. Changed by the control port, read by the rest.
export interface Switches {
  /** Extra time every login takes; 0: none. */
  slowLoginMs: number;
  /** Every answer is a 500. */
  failing: boolean;
  /** The order confirmation carries `Junban-Command: end`. */
  endsPasses: boolean;
}

export interface ShopCounters {
  requests: number;
  /** Answered after the work was done. */
  served: number;
  /** Given up after waiting too long for a worker. */
  timedOut: number;
  /** Turned away because the queue was full. */
  refused: number;
  /** Answered with the M941 page or problem. */
  m941: number;
  /** Attempts to reserve what was sold out. */
  soldOut: number;
  logins: number;
}

export function openSwitches(): Switches {
  return { slowLoginMs: 0, failing: false, endsPasses: true };
}

export function openCounters(): ShopCounters {
  return { requests: 0, served: 0, timedOut: 0, refused: 0, m941: 0, soldOut: 0, logins: 0 };
}
