// The live feed of the console: all rooms once a second, made once for everybody who listens, and only while somebody does.
import type { RoomReport } from './room-report.ts';

type Listener = (rooms: readonly RoomReport[]) => void;

const periodMs = 1_000;

export class RoomFeed {
  readonly #collect: () => Promise<readonly RoomReport[]>;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #isCollecting = false;
  /** Asked for during a collection that may have begun before what was steered. */
  #isWantedAgain = false;

  constructor(collect: () => Promise<readonly RoomReport[]>) {
    this.#collect = collect;
  }

  /** Tells at once and then every second. Returns its stop function. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#tellUnlessTelling(), periodMs);
    this.tellNow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  /** Something was steered: nobody should wait a second to see it. */
  tellNow(): void {
    if (this.#listeners.size === 0) return;
    if (this.#isCollecting) {
      this.#isWantedAgain = true;
      return;
    }
    this.#isCollecting = true;
    this.#isWantedAgain = false;
    this.#collect()
      .then(rooms => {
        for (const listener of this.#listeners) listener(rooms);
      })
      // What could not be told now is told a second later.
      .catch(() => undefined)
      .finally(() => {
        this.#isCollecting = false;
        if (this.#isWantedAgain) this.tellNow();
      });
  }

  /** A store that takes longer than a period is not asked without a pause. */
  #tellUnlessTelling(): void {
    if (!this.#isCollecting) this.tellNow();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
