// The webhooks of this gateway: looks at the rooms it is the caller of once a second, and tells what happened. What was
// seen last, and what of it is not yet on its way, stands in the store, so that another caller goes on from there.
import { randomBytes } from 'node:crypto';
import { isStoreError } from '../../store/store-error.ts';
import type { DeadLetter, WebhookDesk, WebhookState } from '../api/webhook-desk.ts';
import type { WebhookCounts } from '../counts.ts';
import type { RoomReport } from '../room-report.ts';
import { isWatchNews, type RoomEvent, type RoomWatch, watchRoom } from './room-events.ts';
import { type SenderNeeds, shownUrl, WebhookSender, type WebhookSettings } from './webhook-sender.ts';

export type WebhooksNeeds = Pick<
  SenderNeeds,
  'store' | 'holder' | 'nowMs' | 'retryAfterMs' | 'timeoutMs' | 'onFailure'
> & {
  readonly hooks: readonly WebhookSettings[];
  readonly longLine: number;
  /** The rooms that this gateway is the caller of. */
  readonly rooms: () => readonly { readonly id: string; report(): Promise<RoomReport> }[];
};

/** What the store has of a room: the last look, and what happened until every outbox has it. */
type KeptWatch = { readonly watch: RoomWatch; readonly pending: readonly PendingEvent[] };
type PendingEvent = RoomEvent & {
  readonly at: string;
  /** Whoever hands it over makes the same ids of it. */
  readonly key: string;
};
type Known = { readonly kept: KeptWatch; readonly text: string };

const periodMs = 1_000;
const deadLog = 'webhooks/dead';
const deadLettersMax = 1_000;

export class Webhooks implements WebhookDesk {
  readonly #needs: WebhooksNeeds;
  readonly #senders: readonly WebhookSender[];
  /** The text is that of the store; the watch goes on between two texts. */
  readonly #known = new Map<string, Known>();
  readonly #timer: NodeJS.Timeout | null;
  #isLooking = false;

  constructor(needs: WebhooksNeeds) {
    this.#needs = needs;
    this.#senders = needs.hooks.map(
      settings => new WebhookSender({ ...needs, settings, onDead: letter => this.#bury(settings, letter) }),
    );
    this.#timer = needs.hooks.length === 0 ? null : setInterval(() => void this.look(), periodMs).unref();
  }

  states(): readonly WebhookState[] {
    return this.#senders.map(({ state }) => state);
  }

  get counts(): WebhookCounts {
    const counts = { delivered: 0, failed: 0, dead: 0 };
    let waiting = 0;
    for (const state of this.states()) {
      counts.delivered += state.delivered;
      counts.failed += state.failed;
      counts.dead += state.dead;
      waiting += state.waiting;
    }
    return { outcomes: counts, waiting };
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const records = await this.#needs.store.readRecords(deadLog, null, limit);
    const letters = records.map(({ body }) => JSON.parse(body) as DeadLetter);
    // A gateway that ended between writing one down and forgetting it left it to be given up once more.
    return letters.filter(({ id }, index) => letters.findIndex(other => other.id === id) === index);
  }

  /** One look at all rooms, and at what is due; for tests. Happens every second by itself. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const rooms = this.#needs.rooms();
      for (const id of this.#known.keys()) if (!rooms.some(room => room.id === id)) this.#known.delete(id);
      for (const room of rooms) {
        try {
          await this.#lookAt(room.id, await room.report());
        } catch (error) {
          // While the store is away nobody is told anything; the next look sees what has become of it.
          if (!isStoreError(error)) this.#needs.onFailure(error);
        }
      }
    } finally {
      this.#isLooking = false;
    }
    for (const sender of this.#senders) void sender.send();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#senders.map(sender => sender.stop()));
  }

  async #lookAt(id: string, report: RoomReport): Promise<void> {
    const { longLine, nowMs } = this.#needs;
    const known = this.#known.get(id) ?? (await this.#read(id));
    const { watch, events } = watchRoom(known?.kept.watch ?? null, report, { longLine, nowMs: nowMs() });
    if (known !== null && !isWatchNews(known.kept.watch, watch)) {
      const seen = { text: known.text, kept: { ...known.kept, watch } };
      this.#known.set(id, seen);
      return this.#handOver(id, seen);
    }
    const at = new Date(nowMs()).toISOString();
    const added = events.map(event => ({ ...event, at, key: randomBytes(12).toString('base64url') }));
    const next = await this.#keep(id, known, { watch, pending: [...(known?.kept.pending ?? []), ...added] });
    if (next !== null) await this.#handOver(id, next);
  }

  /** Gives what happened to every outbox that wants it; only then is it let go. */
  async #handOver(id: string, known: Known): Promise<void> {
    const { pending } = known.kept;
    if (pending.length === 0) return;
    for (const { type, data, at, key } of pending) {
      const body = JSON.stringify({ type, timestamp: at, data });
      for (const sender of this.#senders) {
        if (sender.wants(type)) await sender.accept({ id: `msg_${sender.nameOf(key)}`, type, body });
      }
    }
    await this.#keep(id, known, { ...known.kept, pending: [] });
  }

  /** Null: somebody else is the caller by now, and tells it. */
  async #keep(id: string, known: Known | null, kept: KeptWatch): Promise<Known | null> {
    const next = { kept, text: JSON.stringify(kept) };
    const isKept = await this.#needs.store.replaceDocument(documentOf(id), known?.text ?? null, next.text);
    if (isKept) this.#known.set(id, next);
    else this.#known.delete(id);
    return isKept ? next : null;
  }

  async #read(id: string): Promise<Known | null> {
    const text = await this.#needs.store.readDocument(documentOf(id));
    if (text === null) return null;
    const kept = JSON.parse(text) as KeptWatch;
    // However long ago that was: nobody was looking, so nobody knows that the line stood still, or was empty.
    const watch = { ...kept.watch, movedAtMs: this.#needs.nowMs(), otherwiseSinceMs: null };
    return { text, kept: { ...kept, watch } };
  }

  async #bury({ url }: WebhookSettings, letter: Omit<DeadLetter, 'at' | 'url'>): Promise<void> {
    const at = new Date(this.#needs.nowMs()).toISOString();
    const dead: DeadLetter = { ...letter, at, url: shownUrl(url) };
    await this.#needs.store.appendRecord(deadLog, JSON.stringify(dead), deadLettersMax);
  }
}

const documentOf = (room: string): string => `webhook-seen/${room}`;
