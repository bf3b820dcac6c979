// The webhooks of this gateway: looks at the rooms it is the caller of once a second, and tells what happened. What was
// seen last stands in the store, so that another caller goes on from there.
import type { OperatorsStore } from '../../store/operators-store.ts';
import { isStoreError } from '../../store/store-error.ts';
import type { DeadLetter, WebhookDesk, WebhookState } from '../api/webhook-desk.ts';
import type { RoomReport } from '../room-report.ts';
import { isWatchNews, type RoomWatch, watchRoom } from './room-events.ts';
import { type SenderNeeds, WebhookSender, type WebhookSettings } from './webhook-sender.ts';

export type WebhooksNeeds = Pick<SenderNeeds, 'nowMs' | 'retryAfterMs' | 'timeoutMs'> & {
  readonly hooks: readonly WebhookSettings[];
  readonly longLine: number;
  readonly store: OperatorsStore;
  /** The rooms that this gateway is the caller of. */
  readonly rooms: () => readonly { readonly id: string; report(): Promise<RoomReport> }[];
  readonly onFailure: (error: unknown) => void;
};

const periodMs = 1_000;
const deadLog = 'webhooks/dead';
const deadLettersMax = 1_000;

export class Webhooks implements WebhookDesk {
  readonly #needs: WebhooksNeeds;
  readonly #senders: readonly WebhookSender[];
  readonly #watched = new Map<string, { readonly watch: RoomWatch; readonly text: string | null }>();
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

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const records = await this.#needs.store.readRecords(deadLog, null, limit);
    return records.map(({ body }) => JSON.parse(body) as DeadLetter);
  }

  /** One look at all rooms; for tests. Happens every second by itself. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const rooms = this.#needs.rooms();
      for (const id of this.#watched.keys()) if (!rooms.some(room => room.id === id)) this.#watched.delete(id);
      for (const room of rooms) await this.#lookAt(room.id, await room.report());
    } catch (error) {
      // While the store is away nobody is told anything; the next look sees what has become of it.
      if (!isStoreError(error)) this.#needs.onFailure(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const sender of this.#senders) await sender.stop();
  }

  async #lookAt(id: string, report: RoomReport): Promise<void> {
    const { store, longLine, nowMs } = this.#needs;
    const name = `webhook-watch/${id}`;
    const known = this.#watched.get(id) ?? (await this.#read(name));
    const { watch, events } = watchRoom(known?.watch ?? null, report, { longLine, nowMs: nowMs() });
    let text = known?.text ?? null;
    if (isWatchNews(known?.watch ?? null, watch)) {
      const next = JSON.stringify(watch);
      // Somebody else is the caller by now, and tells it.
      if (!(await store.replaceDocument(name, text, next))) return void this.#watched.delete(id);
      text = next;
    }
    this.#watched.set(id, { watch, text });
    for (const event of events) for (const sender of this.#senders) sender.send(event);
  }

  async #read(name: string) {
    const text = await this.#needs.store.readDocument(name);
    if (text === null) return null;
    // However long ago that was: nobody was looking, so nobody knows that the line stood still.
    const watch: RoomWatch = { ...(JSON.parse(text) as RoomWatch), movedAtMs: this.#needs.nowMs() };
    return { watch, text };
  }

  async #bury({ url }: WebhookSettings, letter: Omit<DeadLetter, 'at' | 'url'>): Promise<void> {
    const { origin, pathname } = new URL(url);
    const dead: DeadLetter = {
      ...letter,
      at: new Date(this.#needs.nowMs()).toISOString(),
      url: `${origin}${pathname}`,
    };
    await this.#needs.store.appendRecord(deadLog, JSON.stringify(dead), deadLettersMax).catch((error: unknown) => {
      if (!isStoreError(error)) throw error;
      this.#needs.onFailure(error);
    });
  }
}
