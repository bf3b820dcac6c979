// A clock that stands until a test moves it. Timers run in the order of their instants; between two of them all promises
// that can settle do.

import type { Clock } from '../../src/flow/clock.ts';

type Timer = { readonly id: number; readonly dueAtMs: number; readonly act: () => void };

export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: Timer[] = [];
  #nextId = 0;

  constructor(nowMs = 1_800_000_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, act: () => void): () => void {
    this.#nextId += 1;
    const timer: Timer = { id: this.#nextId, dueAtMs: this.#nowMs + Math.max(0, delayMs), act };
    let index = this.#timers.length;
    while (index > 0 && (this.#timers[index - 1]?.dueAtMs ?? 0) > timer.dueAtMs) index -= 1;
    this.#timers.splice(index, 0, timer);
    return () => {
      this.#timers = this.#timers.filter(({ id }) => id !== timer.id);
    };
  }

  every(periodMs: number, act: () => void): () => void {
    let stop: () => void = () => undefined;
    const again = (): void => {
      stop = this.after(periodMs, () => {
        again();
        act();
      });
    };
    again();
    return () => stop();
  }

  /** Work that takes time: the clock is later, and timers that came due meanwhile are late. */
  spend(ms: number): void {
    this.#nowMs += ms;
  }

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#timers[0]; next !== undefined && next.dueAtMs <= untilMs; next = this.#timers[0]) {
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs);
      next.act();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

/** More turns of the microtask queue than any chain of awaits under test is long. */
const microtasksMax = 40;

async function settle(): Promise<void> {
  for (let count = 0; count < microtasksMax; count += 1) await null;
}
