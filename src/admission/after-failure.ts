// What a failure of the shop leaves behind: how many were inside before, who come back faster than others grow, and answers that
// are errors still because they were asked for during it. Pure.

/** Up to this part of those inside before they come back. */
const backShare = 0.8;
/** A request that the shop never answered is an error after 30 s, and an error is judged for up to ten more. */
const errorsAfterSeconds = 42;

export class AfterFailure {
  /** How many were busy inside when the shop began to fail; null: it did not, or that is over. */
  #busyBefore: number | null = null;
  #secondsSince = Number.POSITIVE_INFINITY;

  /** Once a second; `isStrained`: its answers are near what they may take, or errors of now. */
  note(isFailing: boolean, busy: number, isStrained: boolean): void {
    this.#secondsSince = isFailing ? 0 : this.#secondsSince + 1;
    if (isFailing) this.#busyBefore ??= busy;
    else if (this.#busyBefore !== null && (isStrained || busy > backShare * this.#busyBefore)) this.#busyBefore = null;
  }

  /** Those who were inside are coming back. */
  get isComingBack(): boolean {
    return this.#busyBefore !== null;
  }

  /** What was asked for during the failure may be an error now. // AP172 */
  get isFollowedByErrors(): boolean {
    return this.#secondsSince < errorsAfterSeconds;
  }
}
