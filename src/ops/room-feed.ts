// The live feed of the console: all rooms once a second, made once for everybody who listens, and only while somebody does.
import type { RoomReport } from './room-report.ts';

type Listener = (rooms: readonly RoomReport[]) => void;

const periodMs = 1_000;

export class RoomFeed {
  readonly #collect: () => Promise<readonly RoomReport[]>;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #isCollecting = false;

  constructor(collect: () => Promise<readonly RoomReport[]>) {
    this.#collect = collect;
  }

  /** Tells at once and then every second. Returns its stop function. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.tellNow(), periodMs);
    this.tellNow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  /** Something was steered: nobody should wait a second to see it. */
  tellNow(): void {
    if (this.#isCollecting || this.#listeners.size === 0) return;
    this.#isCollecting = true;
    this.#collect()
      .then(rooms => {
        for (const listener of this.#listeners) listener(rooms);
      })
      // What could not be told now is told a second later.
      .catch(() => undefined)
      .finally(() => {
        this.#isCollecting = false;
      });
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
