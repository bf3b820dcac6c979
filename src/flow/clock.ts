// The clock that flows go by; tests move it by hand.

export type Clock = {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Runs `act` once after `delayMs`; returns its stop function. 0 means: when the work at hand is done. */
  after(delayMs: number, act: () => void): () => void;
  /** Runs `act` every `periodMs`; returns its stop function. */
  every(periodMs: number, act: () => void): () => void;
};
