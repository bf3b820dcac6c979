// How an attempt to follow the line ended, and what the close codes of the socket say about coming back. Pure.

export type End =
  /** Try again, after `waitMs` where the server named a time. */
  | { readonly kind: 'retry'; readonly waitMs: number | null }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'left' }
  | { readonly kind: 'invalid' };

const restartWaitMsMax = 30_000;

/** 4000–4099 retry, 4100–4199 stop (4102: another tab took over, 4104: it left the line), any other close is an accident: retry. */
export const endOfClose = (code: number, reason: string): End => {
  if (code === 4001) {
    const jitterMs = Number(reason);
    return { kind: 'retry', waitMs: jitterMs > 0 ? Math.min(jitterMs, restartWaitMsMax) : null };
  }
  if (code === 4102) return { kind: 'superseded' };
  if (code === 4104) return { kind: 'left' };
  return code >= 4100 && code <= 4199 ? { kind: 'invalid' } : { kind: 'retry', waitMs: null };
};
