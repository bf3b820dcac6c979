// Which simulated devices are really there, and which of these every caller must know of: what shared presence promises,
// reckoned from what the devices did and how their gateways fared, not from what anybody said of them.

import type { GatewayOfMany } from './gateway-of-many.ts';
import type { SimulatedNetwork } from './redis/simulated-network.ts';

type Stay = { readonly gateway: GatewayOfMany; readonly fromMs: number; untilMs: number | null };

/** When it is looked at who is there, and what the devices and gateways of the room went through. */
export type Look = {
  readonly nowMs: number;
  readonly graceTimeMs: number;
  readonly network: SimulatedNetwork;
  /** How many gateways said their last word so long ago that it has ceased to hold lately. */
  readonly leasesEnded: number;
};

/** What a gateway that is well says is known everywhere after so long, with answers that are slow and none lost. */
const spreadMs = 5_000;
/** So long what a gateway said last holds though nothing more is heard of it; the least lease, and what was on its way. */
const heldMs = 11_000;
/** A word that somebody left is not taken later. // ST260 */
const leftMsMax = 2_000;
/** The same where a word that somebody came or went was lost: everybody looks by themselves. */
const unheardSpreadMs = 10_000;
/**
 * That somebody went is known everywhere after so long: within a second and two periods it is said, and where gateways are
 * missing the caller believes for 4.5 s more what it knew; with answers that are slow.
 */
const goneMs = 10_000;
/** Each further gateway that goes missing meanwhile is waited for as long as the one before. // ST261 */
const waitedMs = 5_000;
/** So long a new caller may believe what it knew of who was there: they may be on the way back to a store that lost it. */
const believedMs = 6_000;
const staysMax = 4;

export class DeviceThere {
  readonly number: number;
  #stays: Stay[] = [];
  /** It said that it leaves: from then on nobody promises anything until it connects again. */
  #hasLeft = false;
  #leftAtMs = 0;

  constructor(number: number) {
    this.number = number;
  }

  get gateway(): GatewayOfMany | null {
    const last = this.#stays.at(-1);
    return last === undefined || last.untilMs !== null ? null : last.gateway;
  }

  connect(gateway: GatewayOfMany, nowMs: number): void {
    this.disconnect(nowMs);
    if (this.#hasLeft) this.#stays = [];
    // Who comes back at once may be told to have left after that.
    this.#hasLeft &&= nowMs - this.#leftAtMs <= leftMsMax;
    this.#stays.push({ gateway, fromMs: nowMs, untilMs: null });
    this.#stays = this.#stays.slice(-staysMax);
    gateway.view.attach(this.number);
  }

  disconnect(nowMs: number): void {
    const last = this.#stays.at(-1);
    if (last === undefined || last.untilMs !== null) return;
    last.untilMs = nowMs;
    if (last.gateway.isAlive) last.gateway.view.detach(this.number);
  }

  leave(nowMs: number): void {
    this.#hasLeft = true;
    this.#leftAtMs = nowMs;
  }

  /** Present, or within its grace time, and long enough for everybody to know. */
  isSurelyThere(look: Look): boolean {
    const { nowMs, graceTimeMs } = look;
    if (this.#hasLeft) return false;
    let nextFromMs = nowMs;
    for (const stay of this.#stays.toReversed()) {
      const endMs = Math.min(stay.untilMs ?? nowMs, stay.gateway.diedAtMs ?? nowMs, nowMs);
      // Away for longer than the grace time: what was before says nothing.
      if (nextFromMs - endMs >= graceTimeMs) return false;
      if (isToldBy(stay, look)) return true;
      nextFromMs = stay.fromMs;
    }
    return false;
  }

  /** Neither present nor within its grace time, and for so long that everybody knows. */
  isSurelyGone({ nowMs, graceTimeMs, network, leasesEnded }: Look): boolean {
    if (this.#hasLeft || this.#stays.length === 0) return false;
    const waitsMs = Math.max(0, leasesEnded - 1) * waitedMs;
    const knownMs = goneMs + waitsMs + spreadOf(network, nowMs) - spreadMs;
    return this.#stays.every(({ gateway, untilMs }) => {
      if (gateway.diedAtMs !== null) return nowMs > gateway.saidUntilMs + knownMs;
      return untilMs !== null && nowMs - untilMs > graceTimeMs + knownMs && isWell(gateway, nowMs);
    });
  }
}

/** It has called for so long that it goes by what it heard as caller, and not by what it knew before. */
export function knowsWhoCame({ leadsSinceMs }: GatewayOfMany, nowMs: number): boolean {
  return leadsSinceMs <= nowMs - believedMs;
}

/** The same of who went: what it knew before stands also for each gateway that goes missing meanwhile. // ST261 */
export function knowsWhoWent({ leadsSinceMs }: GatewayOfMany, { nowMs, leasesEnded }: Look): boolean {
  return leadsSinceMs <= nowMs - believedMs - leasesEnded * waitedMs;
}

/** For so long that what it says is known to all, and what all say to it. */
export function isWell(gateway: GatewayOfMany, nowMs: number): boolean {
  return gateway.isAlive && gateway.mutedSinceMs === null && gateway.wellSinceMs <= nowMs - spreadMs;
}

function spreadOf({ movedLostAtMs }: SimulatedNetwork, nowMs: number): number {
  return movedLostAtMs > nowMs - unheardSpreadMs ? unheardSpreadMs : spreadMs;
}

/** Whether the gateway said so, everybody heard it, and what it said holds. */
function isToldBy(stay: Stay, { nowMs, graceTimeMs, network }: Look): boolean {
  const { gateway, fromMs, untilMs } = stay;
  const { lossAtMs } = network;
  const isDead = gateway.diedAtMs !== null && (untilMs === null || gateway.diedAtMs <= untilMs);
  if (!isDead && untilMs !== null && nowMs - untilMs >= graceTimeMs) return false;
  const saidUntilMs = Math.min(gateway.mutedSinceMs ?? nowMs, gateway.diedAtMs ?? nowMs, nowMs);
  const toldMs = Math.min(saidUntilMs, untilMs ?? nowMs);
  if (Math.max(fromMs, gateway.wellSinceMs) > toldMs - spreadOf(network, nowMs)) return false;
  return saidUntilMs === nowMs || (nowMs - saidUntilMs < heldMs && lossAtMs < saidUntilMs - spreadMs);
}
