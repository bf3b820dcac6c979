// How many busy devices inside the shop bore when its answers became slow: the next time the number comes near, it grows
// slowly, so that it does not swing about what the shop bears. Pure.

/** From this part of the number on it is near. */
const nearShare = 0.85;
/** Near it the number inside grows by this part of what it would. */
const growthNear = 0.3;
/** Some wait for several answers at once: this part of those inside was borne at least. */
const borneShareMin = 0.25;
/** At ease for so long with as many inside, the shop bears more than it did. */
const calmSecondsMin = 8;

export class BorneNumber {
  #busy: number | null = null;

  /** Answers are slow: those who were inside when these were asked for were too many by those who wait beyond what may be. */
  tooMany(busyThen: number, tooMany: number): void {
    this.#busy = Math.max(borneShareMin * busyThen, busyThen - tooMany);
  }

  /** Once a second; how long the shop has been at ease. */
  note(busy: number, calmSeconds: number): void {
    if (this.#busy !== null && calmSeconds >= calmSecondsMin && busy >= this.#busy) this.#busy = null;
  }

  /** What a failure leaves says nothing of the number that the shop bears. */
  forget(): void {
    this.#busy = null;
  }

  /** The part of its growth that so many inside are left with. */
  growthAt(busy: number): number {
    return this.#busy !== null && busy >= nearShare * this.#busy ? growthNear : 1;
  }
}
