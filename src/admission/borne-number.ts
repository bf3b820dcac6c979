// How many busy devices inside the shop bore when its answers became slow, or errors: the next time the number comes near, it
// grows slowly, so that it does not swing about what the shop bears. Pure.

type Cause = 'latency' | 'errors';

/** From this part of the number on it is near. */
const nearShare = 0.85;
/** Near it the number inside grows by this part of what it would. Errors are seen by fans, slow answers hardly. */
const growthNear: Readonly<Record<Cause, number>> = { latency: 0.3, errors: 0.05 };
/** Some wait for several answers at once: this part of those inside was borne at least. */
const borneShareMin = 0.25;
/** At ease for so long with as many inside, or clearly more where these were errors, the shop bears more than it did. */
const calmSecondsMin = 8;
const moreShare: Readonly<Record<Cause, number>> = { latency: 1, errors: 1.05 };

/** Errors of the load come again with this part of those inside at least. */
const againShare = 0.9;

export class BorneNumber {
  /** `most`: with so many errors came first. */
  #borne: { readonly busy: number; readonly most: number; readonly cause: Cause } | null = null;

  /** Answers are slow: those who were inside when these were asked for were too many by those who wait beyond what may be. */
  slowWith(busyThen: number, tooMany: number): void {
    const busy = Math.max(borneShareMin * busyThen, busyThen - tooMany);
    this.#borne = { busy, most: busy, cause: 'latency' };
  }

  /** With so many inside errors mattered that were gone with fewer. Coming again with clearly fewer they do not come of their number. */
  errorsWith(busy: number): void {
    const most = Math.max(busy, this.#borne?.cause === 'errors' ? this.#borne.most : 0);
    this.#borne = busy < againShare * most ? null : { busy, most, cause: 'errors' };
  }

  /** Once a second; how long the shop has been at ease. */
  note(busy: number, calmSeconds: number): void {
    if (this.#borne === null || calmSeconds < calmSecondsMin) return;
    if (busy >= moreShare[this.#borne.cause] * this.#borne.busy) this.#borne = null;
  }

  /** What a failure leaves says nothing of the number that the shop bears. */
  forget(): void {
    this.#borne = null;
  }

  isNear(busy: number): boolean {
    return this.#borne !== null && busy >= nearShare * this.#borne.busy;
  }

  /** The part of its growth that so many inside are left with. */
  growthAt(busy: number): number {
    return this.#borne !== null && this.isNear(busy) ? growthNear[this.#borne.cause] : 1;
  }
}
