// One gateway's connections to the simulated server: every call and message may be late, lost, carried out twice or after
// it was given up; the connections may be cut, and end with the server. Keeps what redis-link.ts and subscriptions.ts keep.

import type { Clock } from '../../../src/flow/clock.ts';
import type { OpenConnections } from '../../../src/store/redis/open-connections.ts';
import { type Script, scripts } from '../../../src/store/redis/scripts.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { SimulatedRedis } from './simulated-redis.ts';

/** What becomes of one call: how often it is carried out, after how long, and whether its answer comes. */
export type CallFate = { readonly delayMs: number; readonly times: 0 | 1 | 2; readonly isAnswered: boolean };

/** What a gateway asks the server for; it can die before it asks, and before it hears the answer. */
export const linkSteps: readonly string[] = [
  ...[scripts.takeNumbers, scripts.lead, scripts.readHistory, scripts.commit, scripts.compact],
  ...[scripts.restoreHistory, scripts.exchangePresence, scripts.publishPresent],
].map(({ name }) => name);

export type LinkNeeds = {
  readonly network: SimulatedNetwork;
  readonly clock: Clock;
  readonly fate: () => CallFate;
  /** How long it takes to connect again. */
  readonly connectMs: () => number;
  /** True: the gateway is dead from this instant on. */
  readonly diesAt: (instant: string) => boolean;
  /** Told of what became of a call, where it was not carried out once and answered in time. */
  readonly onFault: (fault: string) => void;
  /** Told before a script runs on the server that answers now. */
  readonly beforeRun: (script: Script, given: readonly (string | number | Buffer)[]) => void;
  /** Carries it out in the process of the gateway: now, when it is awake again, or never. */
  readonly inProcess: (act: () => void) => void;
};

type Link = OpenConnections['link'];
type Subscriber = Parameters<OpenConnections['subscriptions']['add']>[1];

const deadlineMs = 1_500;
const probePeriodMs = 500;
/** As in subscriptions.ts. */
const unheldMsMax = 2_000;
/** From here on an answer counts as late. */
const lateMs = 100;
/** In place of a million: a simulated draw over so many takes too long. */
const skipAfterLoss = 1_024;

export class SimulatedLink implements Link {
  readonly warnings: readonly string[] = [];
  readonly subscriptions: OpenConnections['subscriptions'];
  readonly #needs: LinkNeeds;
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #pending = new Set<(error: StoreError) => void>();
  readonly #usableListeners = new Set<() => void>();
  #server: SimulatedRedis | null;
  /** After a missed deadline nothing is sent until the next probe. */
  #silentUntilMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  /** Since when nothing reaches it; null while it does. */
  cutSinceMs: number | null = null;
  connectedAtMs: number;
  /** Since when nothing is heard though commands go; null while it is. */
  deafSinceMs: number | null = null;
  #unheldSinceMs: number | null = null;
  #deafenings = 0;
  #lostSinceMs: number | null = null;
  /** When a call last went wrong, but for what a cut does. */
  faultAtMs = Number.NEGATIVE_INFINITY;

  constructor(needs: LinkNeeds) {
    this.#needs = needs;
    this.#server = needs.network.server;
    this.connectedAtMs = needs.clock.nowMs();
    needs.network.links.add(this);
    const troubleOf = () => this.#unheard();
    this.subscriptions = {
      get trouble() {
        return troubleOf();
      },
      add: (channel, subscriber) => this.#subscribe(channel, subscriber),
      close: () => this.#subscribers.clear(),
    };
  }

  get client(): never {
    throw new Error('a simulated link has no client');
  }

  get runId(): string {
    return this.#server?.runId ?? '';
  }

  /** Since when nothing goes in or out; null while something does. */
  get mutedSinceMs(): number | null {
    if (this.cutSinceMs === null || this.#lostSinceMs === null) return this.cutSinceMs ?? this.#lostSinceMs;
    return Math.min(this.cutSinceMs, this.#lostSinceMs);
  }

  get trouble(): string | null {
    if (this.#server === null || this.cutSinceMs !== null) return 'no connection';
    return this.#needs.clock.nowMs() < this.#silentUntilMs ? 'no answer in time' : null;
  }

  onUsable(listener: () => void): () => void {
    this.#usableListeners.add(listener);
    return () => this.#usableListeners.delete(listener);
  }

  run(script: Script, keys: readonly string[], given: readonly (string | number | Buffer)[]): Promise<unknown> {
    const args = script.name === 'take-numbers' ? given.with(3, skipAfterLoss) : given;
    return this.#call(script.name, server => {
      if (server === this.#needs.network.server) this.#needs.beforeRun(script, args);
      return server.run(script, keys, args);
    });
  }

  async publish(channel: string, message: string): Promise<number | null> {
    await this.#call('publish', server => server.publish(channel, message));
    return null;
  }

  /** The connection ends; another is made to whatever answers by then. */
  lose(sinceMs = this.#needs.clock.nowMs()): void {
    this.#server = null;
    this.#lostSinceMs ??= sinceMs;
    for (const fail of [...this.#pending]) fail(unavailable('the connection was lost'));
    for (const { onLost } of this.#subscribers.values()) this.#needs.inProcess(() => onLost?.());
    this.#connectSoon();
  }

  cut(): void {
    this.cutSinceMs ??= this.#needs.clock.nowMs();
  }

  heal(): void {
    if (this.cutSinceMs === null) return;
    const sinceMs = this.cutSinceMs;
    this.cutSinceMs = null;
    this.lose(sinceMs);
  }

  /** The connection for messages is dead. That is noticed, and after a while there is another one. // ST191 */
  deafen(noticedAfterMs: number, connectMs: number): void {
    if (this.deafSinceMs !== null || this.mutedSinceMs !== null) return;
    const { clock, inProcess } = this.#needs;
    this.deafSinceMs = clock.nowMs();
    this.#deafenings += 1;
    const which = this.#deafenings;
    clock.after(noticedAfterMs, () => {
      if (this.deafSinceMs === null || which !== this.#deafenings) return;
      this.#unheldSinceMs = clock.nowMs();
      for (const { onLost } of this.#subscribers.values()) inProcess(() => onLost?.());
      clock.after(connectMs, () => which === this.#deafenings && this.listen());
    });
  }

  /** There is a connection for messages again. */
  listen(): void {
    if (this.deafSinceMs === null || this.#server === null) return;
    this.#hearAgain();
    for (const { onSubscribed } of this.#subscribers.values()) this.#needs.inProcess(onSubscribed);
  }

  /** What a dead process still hears of. */
  close(): void {
    this.#isClosed = true;
    this.#needs.network.links.delete(this);
    this.#subscribers.clear();
  }

  hear(channel: string, message: string, server: SimulatedRedis): void {
    const subscriber = this.#subscribers.get(channel);
    if (subscriber === undefined || this.#server !== server) return;
    const { delayMs, times } = this.#needs.fate();
    if (this.cutSinceMs !== null || this.deafSinceMs !== null || times === 0) return this.#loseMessage(message);
    this.#needs.clock.after(delayMs, () => {
      if (server === this.#server && this.cutSinceMs === null && this.deafSinceMs === null)
        this.#needs.inProcess(() => this.#subscribers.get(channel)?.onMessage(message));
    });
  }

  #subscribe(channel: string, subscriber: Subscriber): () => void {
    this.#subscribers.set(channel, subscriber);
    if (this.#server !== null && this.deafSinceMs === null)
      this.#needs.clock.after(1, () => this.#needs.inProcess(subscriber.onSubscribed));
    return () => {
      if (this.#subscribers.get(channel) === subscriber) this.#subscribers.delete(channel);
    };
  }

  #connectSoon(): void {
    const { clock, connectMs, network, inProcess } = this.#needs;
    clock.after(connectMs(), () => {
      if (this.#isClosed || this.#server !== null || this.cutSinceMs !== null) return;
      inProcess(() => {
        if (this.#isClosed || this.#server !== null) return;
        this.#server = network.server;
        this.#lostSinceMs = null;
        this.connectedAtMs = clock.nowMs();
        this.#hearAgain();
        for (const listener of this.#usableListeners) listener();
        for (const { onSubscribed } of this.#subscribers.values()) onSubscribed();
      });
    });
  }

  #hearAgain(): void {
    if (this.deafSinceMs === null) return;
    this.deafSinceMs = null;
    this.#unheldSinceMs = null;
    this.faultAtMs = this.#needs.clock.nowMs();
  }

  #unheard(): string | null {
    const sinceMs = this.#unheldSinceMs;
    return sinceMs !== null && this.#needs.clock.nowMs() - sinceMs >= unheldMsMax ? 'nothing is heard' : null;
  }

  #loseMessage(message: string): void {
    const { network, clock, onFault } = this.#needs;
    if (message.includes('"moved"') && this.cutSinceMs === null) network.movedLostAtMs = clock.nowMs();
    onFault('a message lost');
  }

  #fault(fault: string): void {
    if (this.cutSinceMs === null) this.faultAtMs = this.#needs.clock.nowMs();
    this.#needs.onFault(fault);
  }

  #call<Answer>(step: string, act: (server: SimulatedRedis) => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#needs.inProcess(() => this.#send(step, act, resolve, reject));
    });
  }

  #send<Answer>(
    step: string,
    act: (server: SimulatedRedis) => Answer,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ): void {
    const { clock, fate, diesAt, inProcess } = this.#needs;
    const server = this.#server;
    if (server === null || clock.nowMs() < this.#silentUntilMs) return reject(unavailable('no connection'));
    // Nobody is there any more to be told.
    if (diesAt(`before ${step}`)) return;
    const { delayMs, times, isAnswered } = this.cutSinceMs === null ? fate() : unreachable;
    let isOver = false;
    const end = (tell: () => void) => {
      isOver = true;
      stopWaiting();
      this.#pending.delete(fail);
      inProcess(tell);
    };
    const fail = (error: StoreError) => end(() => reject(error));
    const stopWaiting = clock.after(deadlineMs, () => {
      this.#silentUntilMs = clock.nowMs() + probePeriodMs;
      fail(unavailable('no answer in time'));
    });
    this.#pending.add(fail);
    const carryOut = (): (() => void) => {
      try {
        const answer = act(server);
        return () => resolve(answer);
      } catch (error) {
        return () => reject(error);
      }
    };
    clock.after(delayMs / 2, () => {
      if (times === 0 || this.cutSinceMs !== null) return this.#fault('a call lost');
      if (isOver) this.#fault('a call carried out after it was given up');
      const tell = carryOut();
      // The second time comes late: perhaps when the call has long been given up.
      if (times === 2) {
        this.#fault('a call carried out twice');
        clock.after(2 * delayMs, () => {
          this.#fault('a call carried out twice');
          carryOut();
        });
      }
      clock.after(delayMs / 2, () => {
        if (isOver) return;
        if (!isAnswered || this.cutSinceMs !== null) return this.#fault('an answer lost');
        if (delayMs > lateMs) this.#needs.onFault('an answer late');
        end(() => diesAt(`after ${step}`) || tell());
      });
    });
  }
}

const unreachable: CallFate = { delayMs: 0, times: 0, isAnswered: false };

function unavailable(message: string): StoreError {
  return new StoreError('unavailable', message);
}
