// What this gateway listens to, on a connection for nothing else. A message may be lost whenever that connection is;
// listeners are told when that may have happened and read what they missed. Whether messages come is tried all the time.

import type { Redis } from 'ioredis';
import { StoreError } from '../store-error.ts';

/** So often a word is said to ourselves, unless something else was heard meanwhile. */
const beatPeriodMs = 1_000;
/** A word that is not heard so long after it was said was lost with its connection. */
const beatMsMax = 1_500;
const retryAfterMs = 250;
const beginAgainAfterMs = 100;
/** Being without a subscription for so long is trouble; a new connection takes less. */
const unheldMsMax = 2_000;
/** How long a start waits for the first subscription. */
const startMsMax = 5_000;

export type Subscriber = {
  readonly onMessage: (message: string) => void;
  /** From now on messages come; earlier ones may be missing. */
  readonly onSubscribed: () => void;
  /** From now on messages may be missing, until it is subscribed again. */
  readonly onLost?: () => void;
};

export type SubscriptionsNeeds = {
  /** Opens a connection, to another server than the last time if there is one; null while there is none to connect to. */
  readonly open: () => Redis | null;
  /** Says a word on a channel; rejects while that cannot be done, which others tell. */
  readonly publish: (channel: string, message: string) => Promise<unknown>;
  /** A channel of this gateway's own. */
  readonly beatChannel: string;
  /** An error of Redis as operators read it. */
  readonly word: (message: string) => string;
  readonly onFailure: (error: unknown) => void;
};

export class Subscriptions {
  readonly #needs: SubscriptionsNeeds;
  readonly #subscribers = new Map<string, Subscriber>();
  /** Channels that are not subscribed on the connection that there is, by what was said against it last. */
  readonly #missing = new Map<string, string>();
  readonly #beating: NodeJS.Timeout;
  /** Of channels on which something was not understood: told once. */
  readonly #told = new Set<string>();
  #client: Redis | null = null;
  #beginning: NodeJS.Timeout | undefined;
  #lastError = 'no connection yet';
  /** Since when something is missing; null while nothing is. */
  #unheldSinceMs: number | null = null;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #isSaying = false;
  #isClosed = false;

  constructor(needs: SubscriptionsNeeds) {
    this.#needs = needs;
    this.add(needs.beatChannel, { onMessage: () => undefined, onSubscribed: () => undefined });
    this.#begin();
    this.#beating = setInterval(() => this.#beat(), beatPeriodMs);
  }

  /** Settles with the first subscription; rejects with StoreError where there is none, or it is refused. // ST190 */
  async started(): Promise<void> {
    const startedAtMs = performance.now();
    while (this.#missing.size > 0) {
      const reason = this.#reason();
      const isRefused = this.#isReady && reason !== '';
      if (isRefused || performance.now() - startedAtMs > startMsMax) {
        throw new StoreError('unavailable', `store: gateways cannot hear each other: ${reason || this.#lastError}`);
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  /** Why messages have not come for a while; null while they do. // ST190 */
  get trouble(): string | null {
    const sinceMs = this.#unheldSinceMs;
    if (sinceMs === null || performance.now() - sinceMs < unheldMsMax) return null;
    return `what gateways tell each other is not heard: ${this.#reason() || this.#lastError}`;
  }

  /** One subscriber a channel. Returns its stop function. */
  add(channel: string, subscriber: Subscriber): () => void {
    this.#subscribers.set(channel, subscriber);
    this.#subscribe(channel);
    return () => {
      if (this.#subscribers.get(channel) !== subscriber) return;
      this.#subscribers.delete(channel);
      this.#hold(channel);
      // A connection that is not there has forgotten the channel by itself.
      if (this.#isReady) this.#client?.unsubscribe(channel).catch(() => undefined);
    };
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#beating);
    clearTimeout(this.#beginning);
    this.#subscribers.clear();
    this.#client?.disconnect();
  }

  get #isReady(): boolean {
    return this.#client?.status === 'ready';
  }

  #reason(): string {
    return [...this.#missing.values()].find(said => said !== '') ?? '';
  }

  #begin(): void {
    const client = this.#needs.open();
    if (client === null) return this.#beginAgain();
    this.#client = client;
    client.on('error', (error: Error) => {
      this.#lastError = error.message;
    });
    client.on('ready', () => {
      for (const channel of this.#subscribers.keys()) this.#subscribe(channel);
    });
    client.on('close', () => this.#lose());
    client.on('message', (channel: string, message: string) => {
      this.#heardAtMs = performance.now();
      this.#hear(channel, message);
    });
    // A client may give up for good, whatever its strategies say. // ST143
    client.on('end', () => this.#beginAgain());
  }

  #beginAgain(): void {
    if (!this.#isClosed) this.#beginning = setTimeout(() => this.#begin(), beginAgainAfterMs);
  }

  #lose(): void {
    for (const channel of this.#subscribers.keys()) this.#miss(channel, '');
    for (const { onLost } of this.#subscribers.values()) onLost?.();
  }

  #miss(channel: string, reason: string): void {
    this.#missing.set(channel, reason);
    this.#unheldSinceMs ??= performance.now();
  }

  #hold(channel: string): void {
    this.#missing.delete(channel);
    if (this.#missing.size === 0) this.#unheldSinceMs = null;
  }

  /** What is not understood is dropped: whoever needed it asks again or reads it. // ST102 */
  #hear(channel: string, message: string): void {
    try {
      this.#subscribers.get(channel)?.onMessage(message);
    } catch (error) {
      if (this.#told.has(channel)) return;
      this.#told.add(channel);
      this.#needs.onFailure(error);
    }
  }

  #subscribe(channel: string): void {
    if (!this.#missing.has(channel)) this.#miss(channel, '');
    const client = this.#client;
    if (client === null || !this.#isReady) return;
    client.subscribe(channel).then(
      () => {
        if (client !== this.#client || !this.#subscribers.has(channel)) return;
        this.#hold(channel);
        this.#subscribers.get(channel)?.onSubscribed();
      },
      (error: Error) => {
        if (client !== this.#client || !this.#subscribers.has(channel)) return;
        this.#miss(channel, this.#needs.word(error.message));
        setTimeout(() => this.#subscribers.has(channel) && this.#subscribe(channel), retryAfterMs).unref();
      },
    );
  }

  /** A connection on which nothing comes may be dead, or its server cut off from the others: then it is replaced. // ST191 */
  #beat(): void {
    const client = this.#client;
    const saidAtMs = performance.now();
    if (this.#isSaying || client === null || !this.#isReady || saidAtMs - this.#heardAtMs < beatPeriodMs) return;
    if (this.#missing.has(this.#needs.beatChannel)) return;
    this.#isSaying = true;
    const over = () => {
      this.#isSaying = false;
    };
    const end = () => {
      over();
      if (this.#heardAtMs >= saidAtMs || client !== this.#client) return;
      this.#lastError = `a word to ourselves was not heard within ${beatMsMax} ms`;
      client.disconnect();
      // It would wait for the other end to say farewell.
      client.stream.destroy();
    };
    // What cannot be said cannot be heard either: that is the trouble of the connection on which commands go.
    this.#needs.publish(this.#needs.beatChannel, '').then(() => {
      // A process that stood still reads what came meanwhile before it judges.
      setTimeout(() => setImmediate(end), beatMsMax).unref();
    }, over);
  }
}
