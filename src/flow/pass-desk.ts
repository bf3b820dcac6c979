// The pass tokens of one room: made when a device is let in, made anew when half of the idle time is over, the same
// token for everybody who asks in between.

import { readClock } from '../queue/held-clock.ts';
import { type Pass, passEndsAtMs, usedAt } from '../queue/pass-changes.ts';
import { isWalkIn, type RoomChange } from '../queue/room-change.ts';
import type { Clock } from './clock.ts';
import type { RoomView } from './room-view.ts';

export type IssuedPass = { readonly token: string; readonly expiresAtMs: number };

/** Makes the signed token of a pass (tokens/pass.ts). */
export type SignPass = (pass: {
  readonly room: string;
  readonly passId: string;
  readonly number: number;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}) => string;

export type PassUses = { readonly passIds: readonly string[]; readonly atCheckout: readonly string[] };

export class PassDesk {
  readonly #view: RoomView;
  readonly #clock: Clock;
  readonly #sign: SignPass;
  readonly #kept = new Map<string, IssuedPass>();
  readonly #stop: () => void;
  /** Passes that were signed ahead of the record in the last turn. */
  #prepared: string[] = [];
  /** Passes used since they were last reported to the caller. */
  #used = new Set<string>();
  #usedAtCheckout = new Set<string>();

  constructor(view: RoomView, clock: Clock, sign: SignPass) {
    this.#view = view;
    this.#clock = clock;
    this.#sign = sign;
    this.#stop = view.onChange(changes => {
      // A state that was loaded anew says nothing of what ended in between.
      if (changes.length === 0) this.#forgetEnded();
      for (const change of changes) {
        if (change.kind === 'pass-ended') for (const passId of change.passIds) this.#kept.delete(passId);
      }
    });
  }

  /** Passes whose token is kept, to be handed out again. */
  get size(): number {
    return this.#kept.size;
  }

  #forgetEnded(): void {
    for (const passId of this.#kept.keys()) if (!this.#view.state.passes.has(passId)) this.#kept.delete(passId);
  }

  /** The token of a pass that is alive, or null. */
  tokenOf(passId: string): IssuedPass | null {
    const pass = this.#view.state.passes.get(passId);
    if (pass === undefined) return null;
    const nowMs = this.#clock.nowMs();
    return this.#tokenUntil(pass, nowMs, passEndsAtMs(this.#view.state, pass, this.#view.rules, nowMs));
  }

  /**
   * Signs the passes of devices that walk in, while the record of them is on its way: it takes a tenth of what a walk-in
   * takes. Nobody gets one before the record has it.
   */
  prepare(changes: readonly RoomChange[]): void {
    const { state, rules } = this.#view;
    for (const passId of this.#prepared) if (!state.passes.has(passId)) this.#kept.delete(passId);
    this.#prepared = [];
    const nowMs = this.#clock.nowMs();
    const startedPassMs = readClock(state.passClock, nowMs);
    for (const change of changes) {
      if (change.kind !== 'admitted' || !isWalkIn(change)) continue;
      const brief = change.isBrief === true ? { isBrief: true as const } : {};
      for (const { passId, place } of change.passes) {
        this.#prepared.push(passId);
        const pass = { passId, place, startedPassMs, usedPassMs: startedPassMs, ...brief };
        this.#tokenUntil(pass, nowMs, passEndsAtMs(state, pass, rules, nowMs));
      }
    }
  }

  #tokenUntil({ passId, place }: Pass, nowMs: number, endsAtMs: number): IssuedPass {
    const kept = this.#kept.get(passId);
    if (kept !== undefined && !isDue(kept.expiresAtMs, nowMs, endsAtMs)) return kept;
    const { rules, order } = this.#view;
    // Whole seconds: the answer, the cookie and the token must name the same end.
    const expiresAtMs = Math.ceil(Math.max(endsAtMs, nowMs + 1_000) / 1_000) * 1_000;
    const number = order?.numberAt(place) ?? place;
    const issued = { token: this.#sign({ room: rules.id, passId, number, nowMs, expiresAtMs }), expiresAtMs };
    this.#kept.set(passId, issued);
    return issued;
  }

  /** Whether nobody has been inside with this pass yet, as far as this gateway knows. */
  isUnused(passId: string): boolean {
    const pass = this.#view.state.passes.get(passId);
    return pass !== undefined && pass.usedPassMs <= pass.startedPassMs && !this.#used.has(passId);
  }

  /** Notes that a pass was used where no token can be handed out. */
  note(passId: string): void {
    this.#used.add(passId);
  }

  /** Notes that a pass was used; a token to hand out if the one the device has should be replaced, else null. */
  use(passId: string, tokenExpiresAtMs: number, isAtCheckout: boolean): IssuedPass | null {
    this.#used.add(passId);
    const pass = this.#view.state.passes.get(passId);
    if (pass === undefined) return null;
    const isNewAtCheckout = isAtCheckout && pass.isAtCheckout !== true;
    if (isNewAtCheckout) this.#usedAtCheckout.add(passId);
    const nowMs = this.#clock.nowMs();
    const { state, rules } = this.#view;
    const usedNow = {
      ...usedAt(pass, readClock(state.passClock, nowMs)),
      ...(isNewAtCheckout ? { isAtCheckout } : {}),
    };
    const wouldEndAtMs = passEndsAtMs(state, usedNow, rules, nowMs);
    // The record learns of this use a moment later; the token that is handed out now must not wait for that.
    return isDue(tokenExpiresAtMs, nowMs, wouldEndAtMs) ? this.#tokenUntil(usedNow, nowMs, wouldEndAtMs) : null;
  }

  /** The passes used since the last time this was asked. */
  takeUsed(): PassUses {
    const used = { passIds: [...this.#used], atCheckout: [...this.#usedAtCheckout] };
    this.#used = new Set();
    this.#usedAtCheckout = new Set();
    return used;
  }

  /** Uses that the caller could not be told are taken the next time. */
  giveBackUsed({ passIds, atCheckout }: PassUses): void {
    for (const passId of passIds) this.#used.add(passId);
    for (const passId of atCheckout) this.#usedAtCheckout.add(passId);
  }

  stop(): void {
    this.#stop();
  }
}

/** A token is replaced when less than half of what a new one would have is left, and a new one would gain a second. */
function isDue(expiresAtMs: number, nowMs: number, wouldEndAtMs: number): boolean {
  return expiresAtMs - nowMs < (wouldEndAtMs - nowMs) / 2 && wouldEndAtMs - expiresAtMs >= 1_000;
}
