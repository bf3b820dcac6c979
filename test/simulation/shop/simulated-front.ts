// What stands right before a simulated shop, as a gateway has it: the turnstile with its limit, the tally of how the shop
// answered, and whether it is failing.

import { InFlightLimit } from '../../../src/admission/in-flight-limit.ts';
import { OpenRequests } from '../../../src/admission/open-requests.ts';
import type { ShopCounts } from '../../../src/admission/shop-condition.ts';
import { type ShopReport, ShopTally } from '../../../src/admission/shop-report.ts';
import { ShopTurnstile, type VisitRank } from '../../../src/admission/shop-turnstile.ts';
import { limitSampleOf } from '../../../src/proxy/limit-sample.ts';
import { createShopHealth } from '../../../src/proxy/shop-health.ts';
import type { ShopOutcome } from '../../../src/proxy/shop-port.ts';
import type { EventQueue } from './event-queue.ts';
import type { ShopAnswer } from './simulated-shop.ts';

/** `held`: our own honest answer. */
export type FrontAnswer = 'served' | 'error' | 'held';

/** `moreMs`: what this request takes besides, for a reason that is not the load. */
type AskShop = (rank: VisitRank, answer: (kind: ShopAnswer) => void, moreMs: number) => void;

const turnstileWaitMs = 5_000;
const waitedInVainMs = 1_000;
const probePeriodMs = 1_000;

type Sent = { leave(): boolean };

export class SimulatedFront {
  readonly #events: Pick<EventQueue, 'nowMs' | 'after'>;
  readonly #askShop: AskShop;
  readonly #hasTurnstile: boolean;
  readonly #limit = new InFlightLimit();
  readonly #turnstile = new ShopTurnstile<() => void>({ waitMs: turnstileWaitMs, waitingMax: 2_000 });
  readonly #refusals = new Map<() => void, () => void>();
  readonly #tally = new ShopTally();
  readonly #health = createShopHealth();
  readonly #open = new OpenRequests<Sent>();
  readonly #silent = new Set<Sent>();
  #probedAtMs = Number.NEGATIVE_INFINITY;

  constructor(events: Pick<EventQueue, 'nowMs' | 'after'>, askShop: AskShop, hasTurnstile: boolean) {
    this.#events = events;
    this.#askShop = askShop;
    this.#hasTurnstile = hasTurnstile;
  }

  /** Returns what is to be called when the fan goes before the answer comes. */
  request(rank: VisitRank, answer: (kind: FrontAnswer) => void, moreMs = 0): () => void {
    const askedAtMs = this.#events.nowMs;
    let abandon = () => {
      this.#turnstile.forget(go);
      if (this.#events.nowMs - askedAtMs >= waitedInVainMs) this.#tally.addHeld(rank);
    };
    const go = () => {
      abandon = this.#send({ rank, askedAtMs, moreMs }, answer);
    };
    this.#ask(rank, go, answer);
    return () => abandon();
  }

  #ask(rank: VisitRank, go: () => void, answer: (kind: FrontAnswer) => void): void {
    if (!this.#hasTurnstile) return go();
    const refuse = () => {
      this.#tally.addHeld(rank);
      answer('held');
    };
    const asked = this.#turnstile.ask(go, rank, this.#limit.limit, this.#events.nowMs);
    if (asked === 'go') go();
    else if (asked === 'refused') this.#events.after(1, refuse);
    else this.#refusals.set(go, refuse);
  }

  /** Refuses who has waited too long; to be called often. */
  expire(): void {
    for (const { visit, rank, isOvertaken } of this.#open.late(this.#events.nowMs)) {
      if (isOvertaken || this.#limit.easeMs === null) visit.leave();
      else this.#silent.add(visit);
      if (!isOvertaken) this.#silence(rank);
    }
    if (this.#silent.size > 0 && this.#events.nowMs - this.#probedAtMs >= probePeriodMs) {
      this.#probedAtMs = this.#events.nowMs;
      for (const visit of this.#silent) {
        this.#silent.delete(visit);
        if (visit.leave()) break;
      }
    }
    for (const go of this.#turnstile.expire(this.#events.nowMs)) {
      this.#refusals.get(go)?.();
      this.#refusals.delete(go);
    }
    this.#letOn();
  }

  #silence(rank: VisitRank): void {
    this.#health.observe(timedOut, this.#events.nowMs);
    this.#tally.add(rank, true, null);
  }

  isFailing(): boolean {
    return this.#health.stateAt(this.#events.nowMs) === 'failing';
  }

  counts(): ShopCounts {
    return this.#health.countsAt(this.#events.nowMs);
  }

  takeReport(): ShopReport | null {
    return this.#tally.take();
  }

  #send(
    { rank, askedAtMs, moreMs }: { readonly rank: VisitRank; readonly askedAtMs: number; readonly moreMs: number },
    answer: (kind: FrontAnswer) => void,
  ): () => void {
    const sentAtMs = this.#events.nowMs;
    const { inFlight } = this.#turnstile;
    let hasLeft = !this.#hasTurnstile;
    const leave = () => {
      this.#silent.delete(visit);
      if (hasLeft) return false;
      hasLeft = true;
      this.#turnstile.leave();
      this.#letOn();
      return true;
    };
    const visit: Sent = { leave };
    let isOver = false;
    this.#open.sent(visit, rank, sentAtMs);
    this.#askShop(
      rank,
      kind => {
        if (isOver) return;
        isOver = true;
        const { nowMs } = this.#events;
        const outcome = outcomeOf(kind, nowMs - sentAtMs);
        const isInTime = outcome.kind === 'answered' && this.#open.answered(visit, nowMs);
        this.#open.forget(visit);
        const sample = limitSampleOf(outcome, true);
        if (sample === null || (sample !== undefined && isInTime)) this.#limit.observe(sample, inFlight, nowMs);
        const isBad = kind !== 'served';
        this.#tally.add(rank, isBad, isBad || !isInTime ? null : nowMs - askedAtMs);
        this.#health.observe(outcome, nowMs);
        leave();
        // A shop that is not there is told honestly by the gateway.
        answer(kind === 'unreachable' || kind === 'timed-out' ? 'held' : kind === 'served' ? kind : 'error');
      },
      moreMs,
    );
    return () => {
      if (isOver) return;
      isOver = true;
      if (this.#open.givenUp(visit, this.#events.nowMs)) this.#silence(rank);
      leave();
    };
  }

  #letOn(): void {
    for (
      let go = this.#turnstile.next(this.#limit.limit);
      go !== undefined;
      go = this.#turnstile.next(this.#limit.limit)
    ) {
      this.#refusals.delete(go);
      go();
    }
  }
}

const timedOut: ShopOutcome = { kind: 'timed-out', answered: false, detail: '' };

/** What a gateway would see: the shop's errors carry the signature of the room. */
function outcomeOf(kind: ShopAnswer, firstByteMs: number): ShopOutcome {
  if (kind === 'unreachable') return { kind: 'refused', answered: false, detail: '' };
  if (kind === 'timed-out') return timedOut;
  return { kind: 'answered', status: kind === 'served' ? 200 : 500, signature: kind === 'error', firstByteMs };
}
