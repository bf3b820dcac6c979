// Tells whoever stands under a pass that it has ended. When one ends is decided by the caller and kept in the record.

import type { RoomView } from './room-view.ts';

export class PassEnds {
  readonly #view: RoomView;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #stop: () => void;

  constructor(view: RoomView) {
    this.#view = view;
    this.#stop = view.onChange(changes => {
      if (this.#listeners.size === 0) return;
      // A state that was loaded anew says nothing of what happened in between.
      if (changes.length === 0) return this.#tell([...this.#listeners.keys()]);
      for (const change of changes) if (change.kind === 'pass-ended') this.#tell(change.passIds);
    });
  }

  /** Calls `ended` once, when the pass ends; at once if it is not alive. Gives what forgets it. */
  when(passId: string, ended: () => void): () => void {
    if (!this.#view.state.passes.has(passId)) {
      ended();
      return () => undefined;
    }
    // An entry of its own, also where one function is given twice.
    const listener = () => ended();
    const listeners = this.#listeners.get(passId) ?? new Set();
    this.#listeners.set(passId, listeners.add(listener));
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#listeners.delete(passId);
    };
  }

  stop(): void {
    this.#stop();
  }

  #tell(passIds: readonly string[]): void {
    for (const passId of passIds) {
      const listeners = this.#listeners.get(passId);
      if (listeners === undefined || this.#view.state.passes.has(passId)) continue;
      this.#listeners.delete(passId);
      const due = [...listeners];
      listeners.clear();
      for (const listener of due) listener();
    }
  }
}
