// Waiting times between attempts: growing, capped and spread, so that thousands of pages never come back at once.

export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Half of the grown wait is sure, half is chance; `chance` is 0 to 1. */
export const delayMs = ({ firstMs, mostMs }: Backoff, failures: number, chance: number): number => {
  const grownMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 20));
  return grownMs / 2 + (grownMs / 2) * chance;
};

/** What the server asked for, and up to half of it more. */
export const politeDelayMs = (askedMs: number, chance: number): number => askedMs * (1 + chance / 2);
