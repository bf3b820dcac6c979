// Sends messages to one webhook, in order, signed; tries again with growing pauses; and gives up into the dead letters.
// What waits is bounded.
import { randomBytes } from 'node:crypto';
import type { WebhookState } from '../api/webhook-desk.ts';
import { post } from './post.ts';
import type { RoomEvent } from './room-events.ts';
import { signWebhook } from './sign.ts';

export type WebhookSettings = {
  readonly url: string;
  /** Base64, with or without "whsec_" before it. */
  readonly secret: string;
  readonly events: readonly string[];
  readonly allowPrivate: boolean;
};

export type SenderNeeds = {
  readonly settings: WebhookSettings;
  readonly nowMs: () => number;
  /** Told of a message that was given up. */
  readonly onDead: (letter: {
    readonly id: string;
    readonly type: string;
    readonly tries: number;
    readonly failure: string;
    readonly body: unknown;
  }) => Promise<void>;
  /** Default: 5 s, 30 s, 2 min, 10 min, 30 min. */
  readonly retryAfterMs?: readonly number[];
  /** Default 10 s. */
  readonly timeoutMs?: number;
};

type Message = { readonly id: string; readonly type: string; readonly body: string };

const retryAfterMsDefault = [5_000, 30_000, 120_000, 600_000, 1_800_000];
const waitingMax = 200;

export class WebhookSender {
  readonly #needs: SenderNeeds;
  #waiting: Message[] = [];
  #delivered = 0;
  #failed = 0;
  #lastFailure: string | null = null;
  #isSending = false;
  #isStopped = false;
  #wake: () => void = () => undefined;

  constructor(needs: SenderNeeds) {
    this.#needs = needs;
  }

  get state(): WebhookState {
    const { url, events } = this.#needs.settings;
    const { origin, pathname } = new URL(url);
    return {
      ...{ url: `${origin}${pathname}`, events, waiting: this.#waiting.length },
      ...{ delivered: this.#delivered, failed: this.#failed, lastFailure: this.#lastFailure },
    };
  }

  send({ type, data }: RoomEvent): void {
    if (!this.#needs.settings.events.includes(type)) return;
    const timestamp = new Date(this.#needs.nowMs()).toISOString();
    const message = {
      id: `msg_${randomBytes(12).toString('base64url')}`,
      type,
      body: JSON.stringify({ type, timestamp, data }),
    };
    if (this.#waiting.length >= waitingMax) {
      void this.#bury(message, 0, `${waitingMax} messages wait already`);
      return;
    }
    this.#waiting.push(message);
    if (!this.#isSending) void this.#sendAll();
  }

  /** What still waits becomes a dead letter, so that it can be seen. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    const left = this.#waiting;
    this.#waiting = [];
    for (const message of left) await this.#bury(message, 0, 'the gateway stopped before it was delivered');
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let [next] = this.#waiting; next !== undefined && !this.#isStopped; [next] = this.#waiting) {
      await this.#deliver(next);
      if (this.#waiting[0] === next) this.#waiting.shift();
    }
    this.#isSending = false;
  }

  async #deliver(message: Message): Promise<void> {
    const pauses = this.#needs.retryAfterMs ?? retryAfterMsDefault;
    for (let tries = 1; ; tries += 1) {
      const failure = await this.#try(message);
      if (failure === null) {
        this.#delivered += 1;
        return;
      }
      this.#failed += 1;
      this.#lastFailure = failure;
      if (this.#isStopped) return;
      const pauseMs = pauses[tries - 1];
      if (pauseMs === undefined) return this.#bury(message, tries, failure);
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, pauseMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (this.#isStopped) return;
    }
  }

  /** Null: it was delivered. */
  async #try({ id, body }: Message): Promise<string | null> {
    const { settings, nowMs, timeoutMs = 10_000 } = this.#needs;
    const atSeconds = Math.floor(nowMs() / 1_000);
    const headers = {
      ...{ 'Content-Type': 'application/json', 'User-Agent': 'Junban', 'webhook-id': id },
      ...{
        'webhook-timestamp': String(atSeconds),
        'webhook-signature': signWebhook(settings.secret, id, atSeconds, body),
      },
    };
    const posted = await post({ url: settings.url, headers, body, allowPrivate: settings.allowPrivate, timeoutMs });
    return posted.kind === 'delivered' ? null : posted.reason;
  }

  async #bury({ id, type, body }: Message, tries: number, failure: string): Promise<void> {
    await this.#needs.onDead({ id, type, tries, failure, body: JSON.parse(body) });
  }
}
