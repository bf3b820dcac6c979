// What the gateways say about the shop, put together by the caller: it counts as failing while any gateway sees it fail.
// A gateway says so again and again while it does, so that one that dies is not believed for ever.

/** So often a gateway that sees the shop fail says so. */
export const voteAgainMs = 2_000;
/** Without another word a gateway is believed so long. */
const voteMsMax = 3 * voteAgainMs;

export class ShopVotes {
  readonly #failingAtMs = new Map<string, number>();

  /** A gateway sees the shop fail, or not. Whether it counts as failing now. */
  hear(gateway: string, isFailing: boolean, nowMs: number): boolean {
    if (isFailing) this.#failingAtMs.set(gateway, nowMs);
    else this.#failingAtMs.delete(gateway);
    return this.isFailing(nowMs);
  }

  isFailing(nowMs: number): boolean {
    for (const [gateway, atMs] of this.#failingAtMs) {
      if (nowMs - atMs > voteMsMax) this.#failingAtMs.delete(gateway);
    }
    return this.#failingAtMs.size > 0;
  }

  /** Whether every gateway has had the time to tell this caller. */
  areIn(callerSinceMs: number, nowMs: number): boolean {
    return nowMs - callerSinceMs > voteMsMax;
  }
}
