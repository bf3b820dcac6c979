// Who may go on to the shop now, and who waits: at most as many as the limit says, those deepest in first, nobody for
// longer than a bounded time. Pure: it is told the time, and tells whose turn has come.

/** Deepest in first: at the checkout, inside, just let in. */
export const visitRanks = ['checkout', 'inside', 'entry'] as const;
export type VisitRank = (typeof visitRanks)[number];

export type TurnstileRules = {
  readonly waitMs: number;
  /** More than this do not wait; they are refused at once. */
  readonly waitingMax: number;
};

type Waiting<Visit> = { readonly visit: Visit; readonly untilMs: number };

export class ShopTurnstile<Visit> {
  readonly #rules: TurnstileRules;
  readonly #lines: Readonly<Record<VisitRank, Set<Waiting<Visit>>>> = {
    checkout: new Set(),
    inside: new Set(),
    entry: new Set(),
  };
  readonly #places = new Map<Visit, readonly [VisitRank, Waiting<Visit>]>();
  #inside = 0;

  constructor(rules: TurnstileRules) {
    this.#rules = rules;
  }

  /** Requests that went on and have not come back. */
  get inFlight(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#places.size;
  }

  /** `go`: on to the shop. `wait`: `next` or `expire` will name it. `refused`: too many wait already. */
  ask(visit: Visit, rank: VisitRank, limit: number, nowMs: number): 'go' | 'wait' | 'refused' {
    if (this.#inside < limit && this.#places.size === 0) {
      this.#inside += 1;
      return 'go';
    }
    if (this.#places.size >= this.#rules.waitingMax) return 'refused';
    const waiting = { visit, untilMs: nowMs + this.#rules.waitMs };
    this.#lines[rank].add(waiting);
    this.#places.set(visit, [rank, waiting]);
    return 'wait';
  }

  /** A request that went on has come back. */
  leave(): void {
    this.#inside = Math.max(0, this.#inside - 1);
  }

  /** Takes the next that may go on; undefined: nobody waits, or the limit is reached. */
  next(limit: number): Visit | undefined {
    if (this.#inside >= limit) return undefined;
    for (const rank of visitRanks) {
      for (const { visit } of this.#lines[rank]) {
        this.forget(visit);
        this.#inside += 1;
        return visit;
      }
    }
    return undefined;
  }

  /** Takes everybody who has waited too long. */
  expire(nowMs: number): readonly Visit[] {
    const late: Visit[] = [];
    for (const rank of visitRanks) {
      for (const { visit, untilMs } of this.#lines[rank]) {
        if (untilMs > nowMs) break;
        late.push(visit);
      }
    }
    for (const visit of late) this.forget(visit);
    return late;
  }

  /** It waits no more: its fan has gone. */
  forget(visit: Visit): void {
    const place = this.#places.get(visit);
    if (place === undefined) return;
    this.#places.delete(visit);
    this.#lines[place[0]].delete(place[1]);
  }
}
