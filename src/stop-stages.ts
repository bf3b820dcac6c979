// The end of a process: everything that was begun has a stage in which it ends, and all of it has one time limit.

import type { Clock } from './flow/clock.ts';
import type { Stop } from './stops.ts';

/**
 * In this order, whether the process served or failed to begin. Readiness goes first, so that nobody sends us more; then
 * devices, so that they come back while nothing is lost; whoever comes on kept connections is served a while; what is under
 * way in the shop; the rooms; the connections that are left; the operators, who can watch all this; the store, on which
 * everything stands.
 */
const stages = ['readiness', 'devices', 'kept', 'shops', 'rooms', 'connections', 'operators', 'store'] as const;
export type Stage = (typeof stages)[number];

type Registered = { readonly stage: Stage; readonly stop: Stop };

export type StopStagesNeeds = {
  readonly clock: Pick<Clock, 'after'>;
  readonly onFailure: (error: unknown) => void;
  /** Told, when the time is over, which stage it was over in. */
  readonly onLate: (stage: Stage) => void;
};

export class StopStages {
  readonly #needs: StopStagesNeeds;
  readonly #stops: Registered[] = [];
  #ended: Promise<boolean> | null = null;

  constructor(needs: StopStagesNeeds) {
    this.#needs = needs;
  }

  /** What is registered for one stage ends at the same time. */
  at(stage: Stage, stop: Stop): void {
    this.#stops.push({ stage, stop });
  }

  /**
   * Ends everything, once. When the time is over what is left is still told to end, but not waited for: false. Never
   * rejects.
   */
  run(withinMs: number): Promise<boolean> {
    this.#ended ??= this.#run(withinMs);
    return this.#ended;
  }

  async #run(withinMs: number): Promise<boolean> {
    const { clock, onLate } = this.#needs;
    let isLate = false;
    let stopTimer: () => void = () => undefined;
    const late = new Promise<void>(resolve => {
      stopTimer = clock.after(withinMs, () => {
        isLate = true;
        resolve();
      });
    });
    let lateIn: Stage | null = null;
    for (const stage of stages) {
      const ending = this.#stops.filter(each => each.stage === stage).map(each => this.#end(each));
      await Promise.race([Promise.all(ending), late]);
      if (isLate) lateIn ??= stage;
    }
    stopTimer();
    if (lateIn !== null) onLate(lateIn);
    return lateIn === null;
  }

  async #end({ stop }: Registered): Promise<void> {
    try {
      await stop();
    } catch (error) {
      this.#needs.onFailure(error);
    }
  }
}
