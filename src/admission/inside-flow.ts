// How the number of those who are busy inside moved in the last seconds, and how many of them went quiet. Pure.

import { recent, type Timed } from './recent-reports.ts';

/** How fast devices go quiet is measured over this time. */
const flowMs = 10_000;
/** So long ago those asked whose answers are judged now. // AP101 */
const answersLagMs = 5_000;

/** Devices let in, ever, and those inside that did something lately. */
type Inside = { readonly admitted: number; readonly busy: number };

export class InsideFlow {
  #seen: Timed<Inside>[] = [];

  note({ admitted, busy }: Inside, nowMs: number): void {
    this.#seen = recent([...this.#seen, { atMs: nowMs, value: { admitted, busy } }], nowMs - flowMs);
  }

  /** Came in, and not busy any more: what the number inside loses by itself. */
  goneQuietPerMinute(): number {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    const gone = last.value.admitted - first.value.admitted - (last.value.busy - first.value.busy);
    return (Math.max(0, gone) * 60_000) / (last.atMs - first.atMs);
  }

  /** How many were busy inside when those asked whose answers are judged now; never fewer than are. */
  busyThen(): number {
    const last = this.#seen.at(-1);
    if (last === undefined) return 0;
    const then = this.#seen.find(({ atMs }) => atMs >= last.atMs - answersLagMs);
    return Math.max(then?.value.busy ?? 0, last.value.busy);
  }
}
