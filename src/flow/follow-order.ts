// Computes the drawn order once the seed is known, off the event loop, and gives it to the view. What fails is tried again.

import type { DrawnOrder } from '../draw/draw-order.ts';
import type { Clock } from './clock.ts';
import { PlaceOrder } from './place-order.ts';
import type { RoomView } from './room-view.ts';

const retryPeriodMs = 2_000;

export type FollowOrderNeeds = {
  readonly view: RoomView;
  readonly clock: Clock;
  readonly compute: (drawn: number, seed: string) => Promise<DrawnOrder>;
  /** Told why nobody has a place though the draw is revealed, for operators; null when everybody has. */
  readonly onTrouble: (reason: string | null) => void;
};

/** Resolves when a draw that was already revealed is computed, or could not be for now. Returns its stop function. */
export async function followOrder({ view, clock, compute, onTrouble }: FollowOrderNeeds): Promise<() => void> {
  let computing: string | null = null;
  let hasFailed = false;
  let isStopped = false;
  let stopRetry: () => void = () => undefined;

  const look = async (): Promise<void> => {
    const { draw } = view.state;
    // Whatever the way here, a view without an order needs one: the reveal may also come with a room that was loaded anew.
    if (isStopped || view.order !== null || draw === null || draw.drawn === null || draw.seed === null) return;
    const { drawn, seed } = draw;
    const wanted = `${drawn} ${seed}`;
    if (computing === wanted) return;
    computing = wanted;
    try {
      const { places, numbers } = await compute(drawn, seed);
      // The store may have lost this draw meanwhile, and the room been drawn anew. // LN152
      const isStill = view.state.draw?.drawn === drawn && view.state.draw.seed === seed;
      if (!isStill) {
        if (computing === wanted) computing = null;
        return await look();
      }
      view.setOrder(new PlaceOrder(places, numbers));
      if (hasFailed) onTrouble(null);
      hasFailed = false;
    } catch (error) {
      hasFailed = true;
      onTrouble(`the drawn order could not be computed: ${error instanceof Error ? error.message : String(error)}`);
      stopRetry();
      if (!isStopped) stopRetry = clock.after(retryPeriodMs, () => void look());
    } finally {
      if (computing === wanted) computing = null;
    }
  };
  await look();
  const stopListening = view.onChange(() => void look());
  return () => {
    isStopped = true;
    stopRetry();
    stopListening();
  };
}
