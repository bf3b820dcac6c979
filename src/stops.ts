// What was begun and has to end, in the order in which it has to: what began last ends first, and what cannot end keeps
// nothing else from ending.

export type Stop = () => void | Promise<void>;

export class Stops {
  readonly #onFailure: (error: unknown) => void;
  readonly #stops: Stop[] = [];
  #ended: Promise<void> | null = null;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add(...stops: readonly Stop[]): void {
    this.#stops.push(...stops);
  }

  /** Runs each once, one after the other. Never rejects. */
  run(): Promise<void> {
    this.#ended ??= this.#run();
    return this.#ended;
  }

  async #run(): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await stop();
      } catch (error) {
        this.#onFailure(error);
      }
    }
  }
}
