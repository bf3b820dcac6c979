// How many come in, and how many are busy inside, while the pace is what limits: what a room goes back to after a lull or a
// pause, which empties the shop and says nothing of what it bears. Pure.

/** What is usual follows by this part of the difference in a second. */
const following = 1 / 30;
/** A shop with fewer inside than this part of the usual number is emptier than it was. */
const emptierShare = 0.8;

type Flow = { readonly pacePerMinute: number; readonly busy: number };

export class UsualFlow {
  #usual: Flow | null = null;

  /** Once a second while the pace limits. While the shop fills again, what was usual before stays so. */
  note({ pacePerMinute, busy }: Flow): void {
    const usual = this.#usual ?? { pacePerMinute, busy };
    if (busy < emptierShare * usual.busy) return;
    this.#usual = {
      pacePerMinute: usual.pacePerMinute + (pacePerMinute - usual.pacePerMinute) * following,
      busy: usual.busy + (busy - usual.busy) * following,
    };
  }

  /** So many inside proved too many, and with them a pace that brings more. */
  lower(busy: number): void {
    if (this.#usual === null || busy >= this.#usual.busy) return;
    this.#usual = { pacePerMinute: (this.#usual.pacePerMinute * busy) / this.#usual.busy, busy };
  }

  /** The pace that was usual, while fewer are inside than then; null: they are not, or nothing is known. */
  paceIfEmptier(busy: number): number | null {
    return this.#usual !== null && busy < emptierShare * this.#usual.busy ? this.#usual.pacePerMinute : null;
  }
}
