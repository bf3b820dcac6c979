// Sends what waits for one webhook, signed; tries again with growing pauses; and gives up into the dead letters.
// What waits, in which order, and how often it was tried, stands in the outbox.
import { createHash } from 'node:crypto';
import type { OperatorsStore } from '../../store/operators-store.ts';
import { isStoreError } from '../../store/store-error.ts';
import type { WebhookState } from '../api/webhook-desk.ts';
import { type OutgoingMessage, type Settled, WebhookOutbox, waitingMessagesMax } from './outbox.ts';
import { post } from './post.ts';
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
  readonly store: OperatorsStore;
  /** Names this gateway. */
  readonly holder: string;
  readonly nowMs: () => number;
  /** Told of a message that was given up. */
  readonly onDead: (letter: {
    readonly id: string;
    readonly type: string;
    readonly tries: number;
    readonly failure: string;
    readonly body: unknown;
  }) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** Default: 5 s, 30 s, 2 min, 10 min, 30 min. */
  readonly retryAfterMs?: readonly number[];
  /** Default 10 s. */
  readonly timeoutMs?: number;
};

type Message = Pick<OutgoingMessage, 'id' | 'type' | 'body'>;

const retryAfterMsDefault = [5_000, 30_000, 120_000, 600_000, 1_800_000];
const timeoutMsDefault = 10_000;
/** Beyond the time that a try takes; then another gateway sends what this one had begun. */
const leaseSpareMs = 3_000;

export class WebhookSender {
  readonly #needs: SenderNeeds;
  readonly #outbox: WebhookOutbox;
  readonly #stopping = new AbortController();
  #delivered = 0;
  #failed = 0;
  #dead = 0;
  #sending: Promise<void> | null = null;
  #due: NodeJS.Timeout | null = null;

  constructor(needs: SenderNeeds) {
    this.#needs = needs;
    this.#outbox = new WebhookOutbox(needs.store, needs.settings.url);
  }

  get state(): WebhookState {
    const { url, events } = this.#needs.settings;
    return {
      ...{ url: shownUrl(url), events, ...this.#outbox.seen },
      ...{ delivered: this.#delivered, failed: this.#failed, dead: this.#dead },
    };
  }

  wants(type: string): boolean {
    return this.#needs.settings.events.includes(type);
  }

  /** What becomes of a key at this webhook: the same at every gateway, another at every webhook. */
  nameOf(key: string): string {
    return createHash('sha256').update(`${this.#needs.settings.url}\n${key}`).digest('base64url').slice(0, 22);
  }

  /** Resolves when the message is kept, here or as a dead letter. */
  async accept(message: Message): Promise<void> {
    if (await this.#outbox.add(message)) return;
    await this.#bury(message, 0, `${waitingMessagesMax} messages wait already`);
  }

  /** Sends what is due, unless that is under way. */
  async send(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#sending ??= this.#sendDue().finally(() => {
      this.#sending = null;
    });
    await this.#sending;
  }

  /** What waits stays in the store, and is sent by the next gateway that looks there. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#due !== null) clearTimeout(this.#due);
    await this.#sending;
  }

  async #sendDue(): Promise<void> {
    const { holder, nowMs, timeoutMs = timeoutMsDefault, onFailure } = this.#needs;
    try {
      while (!this.#stopping.signal.aborted) {
        const taken = await this.#outbox.take(holder, nowMs(), timeoutMs + leaseSpareMs);
        if (taken.kind === 'nothing') return this.#sendAgainAt(taken.untilMs);
        await this.#deliver(taken.message);
      }
    } catch (error) {
      // A store that is away keeps what waits.
      if (!isStoreError(error)) onFailure(error);
    }
  }

  #sendAgainAt(untilMs: number | null): void {
    if (this.#due !== null) clearTimeout(this.#due);
    if (untilMs === null || this.#stopping.signal.aborted) return;
    this.#due = setTimeout(() => void this.send(), Math.max(1, untilMs - this.#needs.nowMs())).unref();
  }

  async #deliver(message: OutgoingMessage): Promise<void> {
    const { id, tries } = message;
    const settle = (how: Settled) => this.#outbox.settle(this.#needs.holder, id, how);
    const failure = await this.#try(message);
    if (failure !== null && this.#stopping.signal.aborted) return settle({ kind: 'untried' });
    if (failure === null) {
      this.#delivered += 1;
      return settle({ kind: 'over' });
    }
    this.#failed += 1;
    const pauseMs = (this.#needs.retryAfterMs ?? retryAfterMsDefault)[tries - 1];
    if (pauseMs !== undefined) {
      return settle({ kind: 'postponed', dueAtMs: this.#needs.nowMs() + pauseMs, failure });
    }
    await this.#bury(message, tries, failure);
    await settle({ kind: 'over' });
  }

  /** Null: it was delivered. */
  async #try({ id, body }: Message): Promise<string | null> {
    const { settings, nowMs, timeoutMs = timeoutMsDefault } = this.#needs;
    const atSeconds = Math.floor(nowMs() / 1_000);
    const headers = {
      ...{ 'Content-Type': 'application/json', 'User-Agent': 'Junban', 'webhook-id': id },
      ...{
        'webhook-timestamp': String(atSeconds),
        'webhook-signature': signWebhook(settings.secret, id, atSeconds, body),
      },
    };
    const { url, allowPrivate } = settings;
    const { signal } = this.#stopping;
    const posted = await post({ url, headers, body, allowPrivate, timeoutMs, signal });
    return posted.kind === 'delivered' ? null : posted.reason;
  }

  async #bury({ id, type, body }: Message, tries: number, failure: string): Promise<void> {
    this.#dead += 1;
    await this.#needs.onDead({ id, type, tries, failure, body: JSON.parse(body) });
  }
}

/** Enough to know which one it is: many receivers have their secret in the path or the query. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  const [first = '', ...more] = pathname.split('/').slice(1);
  return `${origin}/${more.length === 0 ? first : `${first}/…`}${search === '' ? '' : '?…'}`;
}
