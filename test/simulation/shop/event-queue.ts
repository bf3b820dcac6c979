// Events of a simulation in the order of their instants; those of one instant in the order in which they were added.

type Event = { readonly atMs: number; readonly order: number; readonly act: () => void };

export class EventQueue {
  nowMs = 0;
  readonly #heap: Event[] = [];
  #added = 0;

  at(atMs: number, act: () => void): void {
    this.#added += 1;
    const heap = this.#heap;
    heap.push({ atMs: Math.max(atMs, this.nowMs), order: this.#added, act });
    let index = heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfLater(parent, index)) break;
      index = parent;
    }
  }

  after(delayMs: number, act: () => void): void {
    this.at(this.nowMs + delayMs, act);
  }

  every(periodMs: number, act: () => void): void {
    this.after(periodMs, () => {
      act();
      this.every(periodMs, act);
    });
  }

  runUntil(endMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#removeFirst();
      this.nowMs = next.atMs;
      next.act();
    }
    this.nowMs = endMs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      if (left >= heap.length) return;
      const child = left + 1 < heap.length && this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfLater(index, child)) return;
      index = child;
    }
  }

  #isEarlier(one: number, other: number): boolean {
    const [left, right] = [this.#heap[one], this.#heap[other]];
    if (left === undefined || right === undefined) return false;
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
  }

  #swapIfLater(parent: number, child: number): boolean {
    if (!this.#isEarlier(child, parent)) return false;
    const [upper, lower] = [this.#heap[parent], this.#heap[child]];
    if (upper === undefined || lower === undefined) return false;
    this.#heap[parent] = lower;
    this.#heap[child] = upper;
    return true;
  }
}
