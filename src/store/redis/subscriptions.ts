// What this gateway listens to. A message may be lost whenever the connection is; listeners are told when that may have
// happened and read what they missed.

import { Redis } from 'ioredis';
import { keepConnecting, type RedisClient } from './open-client.ts';

const pingPeriodMs = 2_000;
const retryAfterMs = 250;

export type Subscriber = {
  readonly onMessage: (message: string) => void;
  /** From now on messages come; earlier ones may be missing. */
  readonly onSubscribed: () => void;
  /** From now on messages may be missing, until it is subscribed again. Told only where `tellsLoss`. */
  readonly onLost?: () => void;
};

export class Subscriptions {
  readonly #client: RedisClient;
  readonly #ownsClient: boolean;
  readonly #stopConnecting: () => void;
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #timer: NodeJS.Timeout;
  readonly #onFailure: (error: unknown) => void;
  /** Of channels on which something was not understood: told once. */
  readonly #told = new Set<string>();

  /** A Cluster client keeps a connection of its own for subscribing; a single connection needs a second one. */
  constructor(commands: RedisClient, onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
    this.#ownsClient = commands instanceof Redis;
    this.#client = commands instanceof Redis ? commands.duplicate() : commands;
    this.#stopConnecting = this.#ownsClient ? keepConnecting(this.#client) : () => undefined;
    // The connection on which commands go fails in the same way and tells of it.
    if (this.#ownsClient) this.#client.on('error', () => undefined);
    this.#client.on('ready', () => {
      for (const channel of this.#subscribers.keys()) this.#subscribe(channel);
    });
    if (this.#ownsClient) {
      this.#client.on('close', () => {
        for (const { onLost } of this.#subscribers.values()) onLost?.();
      });
    }
    this.#client.on('message', (channel: string, message: string) => {
      this.#hear(channel, message);
    });
    this.#timer = setInterval(() => this.#ping(), pingPeriodMs);
  }

  /** Whether the end of the connection is told; a Cluster client keeps it to itself. */
  get tellsLoss(): boolean {
    return this.#ownsClient;
  }

  /** One subscriber a channel. Returns its stop function. */
  add(channel: string, subscriber: Subscriber): () => void {
    this.#subscribers.set(channel, subscriber);
    this.#subscribe(channel);
    return () => {
      if (this.#subscribers.get(channel) !== subscriber) return;
      this.#subscribers.delete(channel);
      // A connection that is not there has forgotten the channel by itself.
      if (this.#client.status === 'ready') this.#client.unsubscribe(channel).catch(() => undefined);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopConnecting();
    this.#subscribers.clear();
    if (this.#ownsClient) this.#client.disconnect();
  }

  /** What is not understood is dropped: whoever needed it asks again or reads it. // ST102 */
  #hear(channel: string, message: string): void {
    try {
      this.#subscribers.get(channel)?.onMessage(message);
    } catch (error) {
      if (this.#told.has(channel)) return;
      this.#told.add(channel);
      this.#onFailure(error);
    }
  }

  #subscribe(channel: string): void {
    if (this.#client.status !== 'ready') return;
    this.#client.subscribe(channel).then(
      () => this.#subscribers.get(channel)?.onSubscribed(),
      () => {
        setTimeout(() => this.#subscribers.has(channel) && this.#subscribe(channel), retryAfterMs).unref();
      },
    );
  }

  /** A connection on which nothing ever comes could be dead: asked, it answers or is closed by its own timeout. */
  #ping(): void {
    if (!this.#ownsClient || this.#client.status !== 'ready') return;
    this.#client.ping().catch(() => undefined);
  }
}
