// What is still to be sent to one webhook: a document in the store, so that it outlives the gateway that noticed it. One
// gateway at a time sends, and another goes on when it is gone; so a message comes at least once, always under its id.
import { createHash } from 'node:crypto';
import type { OperatorsStore } from '../../store/operators-store.ts';

export type OutgoingMessage = {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  /** How often it was tried, the try under way included. */
  readonly tries: number;
  /** It is not tried before. */
  readonly dueAtMs: number;
};

type Outbox = {
  /** Who sends now; after `untilMs` nobody does. */
  readonly sender: { readonly holder: string; readonly untilMs: number } | null;
  readonly lastFailure: string | null;
  readonly messages: readonly OutgoingMessage[];
};

export type Taken =
  | { readonly kind: 'message'; readonly message: OutgoingMessage }
  /** Nothing is due here before; null: not as far as is known. */
  | { readonly kind: 'nothing'; readonly untilMs: number | null };

export type Settled =
  | { readonly kind: 'over' }
  | { readonly kind: 'postponed'; readonly dueAtMs: number; readonly failure: string }
  /** The try was cut short: as if it had not been. */
  | { readonly kind: 'untried' };

export const waitingMessagesMax = 200;
/**
 * So many messages may have failed and wait to be tried again while later ones go: one that is refused holds up nobody, and
 * a receiver that is away for an hour costs no more than these.
 */
export const failingMessagesMax = 5;
const changesMax = 10;
const empty: Outbox = { sender: null, lastFailure: null, messages: [] };

export class WebhookOutbox {
  readonly #store: OperatorsStore;
  readonly #name: string;
  #waiting = 0;
  #lastFailure: string | null = null;

  constructor(store: OperatorsStore, url: string) {
    this.#store = store;
    this.#name = `webhook-outbox/${createHash('sha256').update(url).digest('base64url').slice(0, 22)}`;
  }

  /** As it was when this gateway looked last. */
  get seen(): { readonly waiting: number; readonly lastFailure: string | null } {
    return { waiting: this.#waiting, lastFailure: this.#lastFailure };
  }

  /** A message that waits already is not put there twice. False: there is no room for it. */
  async add(message: Pick<OutgoingMessage, 'id' | 'type' | 'body'>): Promise<boolean> {
    let isKept = true;
    await this.#change(outbox => {
      const { messages } = outbox;
      if (messages.some(({ id }) => id === message.id)) return null;
      isKept = messages.length < waitingMessagesMax;
      return isKept ? { ...outbox, messages: [...messages, { ...message, tries: 0, dueAtMs: 0 }] } : null;
    });
    return isKept;
  }

  /**
   * The first message that is due, to be tried now by this holder, who has `leaseMs` for it. Messages go in their order, but
   * past those that failed. OP197
   */
  async take(holder: string, nowMs: number, leaseMs: number): Promise<Taken> {
    let taken: Taken = { kind: 'nothing', untilMs: null };
    await this.#change(outbox => {
      const { sender, messages } = outbox;
      const next = nextOf(messages);
      taken = { kind: 'nothing', untilMs: null };
      if (next === null) return null;
      const isElsewhere = sender !== null && sender.holder !== holder && sender.untilMs > nowMs;
      const untilMs = isElsewhere ? sender.untilMs : next.dueAtMs;
      if (untilMs > nowMs) {
        taken = { kind: 'nothing', untilMs };
        return null;
      }
      const message = { ...next, tries: next.tries + 1 };
      taken = { kind: 'message', message };
      const withTry = messages.map(each => (each === next ? message : each));
      return { ...outbox, sender: { holder, untilMs: nowMs + leaseMs }, messages: withTry };
    });
    return taken;
  }

  /**
   * Somebody else may send then. A holder whose time ran out while another took over settles nothing: the message is the
   * other's by now. OP198
   */
  async settle(holder: string, id: string, how: Settled): Promise<void> {
    await this.#change(outbox => {
      if (outbox.sender?.holder !== holder) return null;
      const messages = outbox.messages.flatMap(message => (message.id === id ? settled(message, how) : [message]));
      const lastFailure = how.kind === 'postponed' ? how.failure : outbox.lastFailure;
      return { sender: null, lastFailure: messages.length === 0 && how.kind === 'over' ? null : lastFailure, messages };
    });
  }

  /** Null from `plan` changes nothing. Gateways may change the document at once: who was second plans again. */
  async #change(plan: (outbox: Outbox) => Outbox | null): Promise<void> {
    for (let tries = 0; tries < changesMax; tries += 1) {
      const previous = await this.#store.readDocument(this.#name);
      const before = previous === null ? empty : (JSON.parse(previous) as Outbox);
      const next = plan(before);
      if (next === null || (await this.#store.replaceDocument(this.#name, previous, JSON.stringify(next)))) {
        const { messages, lastFailure } = next ?? before;
        this.#waiting = messages.length;
        this.#lastFailure = lastFailure;
        return;
      }
    }
    throw new Error(`the messages to a webhook changed ${changesMax} times while they were being changed`);
  }
}

/** The one to be tried next, when it is due; the earliest where none is due yet. */
function nextOf(messages: readonly OutgoingMessage[]): OutgoingMessage | null {
  const failing = messages.filter(({ tries }) => tries > 0).length;
  const open = messages.filter(({ tries }) => tries > 0 || failing < failingMessagesMax);
  return open.reduce<OutgoingMessage | null>(
    (next, message) => (next === null || message.dueAtMs < next.dueAtMs ? message : next),
    null,
  );
}

function settled(message: OutgoingMessage, how: Settled): readonly OutgoingMessage[] {
  switch (how.kind) {
    case 'over':
      return [];
    case 'postponed':
      return [{ ...message, dueAtMs: how.dueAtMs }];
    case 'untried':
      return [{ ...message, tries: message.tries - 1, dueAtMs: 0 }];
  }
}
