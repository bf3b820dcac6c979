// A shop that gets no more requests at once than it can work on: the others wait here for a bounded time, those deepest in
// first, and get an honest answer when it is over. Only the time to the first byte counts as work, and not of who is late:
// streams, downloads, sockets and long polls hold nobody up. How many it can work on is left to the limit.

import type { InFlightLimit } from '../admission/in-flight-limit.ts';
import { OpenRequests } from '../admission/open-requests.ts';
import { ShopTurnstile, type VisitRank } from '../admission/shop-turnstile.ts';
import { limitSampleOf } from './limit-sample.ts';
import type { ForwardHandle, Shop, ShopAnswer, ShopObserver, ShopRequest } from './shop-port.ts';

export type ShopLimitNeeds = {
  readonly shop: Shop;
  readonly limit: InFlightLimit;
  /** Whether requests are held back now. What the shop can work on is learned in any case. */
  readonly isOn: () => boolean;
  /** Whether error signatures are believed: one that every page carries says nothing. */
  readonly isSignatureTrusted: () => boolean;
  /** A request is open for far too long, or was given up so, and no younger one was answered: the shop seems to hang. */
  readonly onSilence: (rank: VisitRank) => void;
  /** How long a request may wait for the shop to have room. */
  readonly waitMs: number;
  /** More than this do not wait. Default 2,048. */
  readonly waitingMax?: number;
};

export type LimitedShop = Shop & {
  /** Requests that wait for the shop to have room. */
  waiting(): number;
};

const expirePeriodMs = 50;
/** So often a shop that does not answer gets one request more than the limit: it may have lost those it has. */
const probePeriodMs = 1_000;

/** `leave` gives its slot back; false: it has none any more. */
type Sent = { leave(): boolean };
type Waiting = { go(): void; refuse(): void };

export function limitShop(needs: ShopLimitNeeds): LimitedShop {
  const { shop, limit, isOn, isSignatureTrusted, onSilence, waitMs, waitingMax = 2_048 } = needs;
  const turnstile = new ShopTurnstile<Waiting>({ waitMs, waitingMax });
  const open = new OpenRequests<Sent>();
  const limitNow = () => (isOn() ? limit.limit : Number.POSITIVE_INFINITY);
  const letOn = () => {
    for (let next = turnstile.next(limitNow()); next !== undefined; next = turnstile.next(limitNow())) next.go();
  };
  /** Late, and no younger one was answered: they keep their slots while the shop hangs. // AP150 */
  const silent = new Set<Sent>();
  let probedAtMs = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const { visit, rank, isOvertaken } of open.late(nowMs)) {
      // Else long polls would keep everybody else out; nor is anything known of a shop that has not answered yet.
      if (isOvertaken || limit.easeMs === null) visit.leave();
      else silent.add(visit);
      if (!isOvertaken) onSilence(rank);
    }
    if (silent.size > 0 && nowMs - probedAtMs >= probePeriodMs) {
      probedAtMs = nowMs;
      for (const visit of silent) {
        silent.delete(visit);
        if (visit.leave()) break;
      }
    }
    if (turnstile.waiting === 0) return;
    for (const late of turnstile.expire(performance.now())) late.refuse();
    letOn();
  }, expirePeriodMs).unref();

  const forward = (request: ShopRequest, answer: ShopAnswer, observer: ShopObserver): ForwardHandle => {
    // A fan's slow upload is no work of the shop.
    const { rank } = request;
    if (rank === null || request.body?.kind === 'flowing') return shop.forward(request, answer, observer);
    const askedAtMs = performance.now();
    let handle: ForwardHandle | null = null;
    let isOver = false;
    const waiting: Waiting = {
      go() {
        const waitedMs = performance.now() - askedAtMs;
        handle = send(request, rank, answer, withWait(observer, waitedMs));
      },
      refuse() {
        if (isOver) return;
        isOver = true;
        const trouble = {
          kind: 'busy',
          answered: false,
          detail: 'the shop has as many requests as it can work on',
        } as const;
        answer.fail(trouble);
        observer.outcome(trouble);
      },
    };
    const asked = turnstile.ask(waiting, rank, limitNow(), askedAtMs);
    if (asked === 'go') waiting.go();
    // The caller has no handle yet while this runs.
    if (asked === 'refused') queueMicrotask(() => waiting.refuse());
    return {
      resume: () => handle?.resume(),
      abort() {
        if (handle !== null) return handle.abort();
        if (isOver) return;
        isOver = true;
        turnstile.forget(waiting);
        observer.outcome({ kind: 'abandoned', waitedMs: performance.now() - askedAtMs });
      },
    };
  };

  const send = (request: ShopRequest, rank: VisitRank, answer: ShopAnswer, observer: ShopObserver): ForwardHandle => {
    const { inFlight } = turnstile;
    let hasLeft = false;
    let isInTime = true;
    const leave = () => {
      silent.delete(visit);
      if (hasLeft) return false;
      hasLeft = true;
      turnstile.leave();
      letOn();
      return true;
    };
    const visit: Sent = { leave };
    open.sent(visit, rank, performance.now());
    return shop.forward(
      request,
      {
        head(head) {
          isInTime = open.answered(visit, performance.now());
          leave();
          answer.head(head);
        },
        write: chunk => answer.write(chunk),
        end: () => answer.end(),
        fail(trouble) {
          open.forget(visit);
          leave();
          answer.fail(trouble);
        },
      },
      {
        outcome(outcome) {
          if (outcome.kind === 'abandoned' && open.givenUp(visit, performance.now())) onSilence(rank);
          open.forget(visit);
          leave();
          const sample = limitSampleOf(outcome, isSignatureTrusted());
          // How long it took is a sample of the load only where it did not take far longer than its class does.
          if (sample === null || (sample !== undefined && isInTime)) limit.observe(sample, inFlight, performance.now());
          observer.outcome(outcome.kind === 'answered' && !isInTime ? { ...outcome, isLate: true } : outcome);
        },
        command: command => observer.command(command),
      },
    );
  };

  return {
    forward,
    openSocket: (visit, events) => shop.openSocket(visit, events),
    inFlight: () => shop.inFlight(),
    certificateEndsAtMs: () => shop.certificateEndsAtMs(),
    waiting: () => turnstile.waiting,
    closeSockets: () => shop.closeSockets(),
    close(graceMs) {
      clearInterval(timer);
      for (const late of turnstile.expire(Number.POSITIVE_INFINITY)) late.refuse();
      return shop.close(graceMs);
    },
  };
}

function withWait(observer: ShopObserver, waitedMs: number): ShopObserver {
  return {
    command: command => observer.command(command),
    outcome: outcome => observer.outcome(outcome.kind === 'answered' ? { ...outcome, waitedMs } : outcome),
  };
}
