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
    if (isStopped) return;
    const draw = wantedBy(view);
    if (draw === null) return tellDone();
    const wanted = nameOf(draw);
    if (computing === wanted) return;
    computing = wanted;
    // The store may lose this draw meanwhile, and the room be drawn anew. // LN152 LN154
    const isStill = () => wanted === nameOf(wantedBy(view));
    try {
      const { places, numbers } = await compute(draw.drawn, draw.seed);
      if (isStill()) {
        view.setOrder(new PlaceOrder(places, numbers));
        return tellDone();
      }
    } catch (error) {
      if (isStill()) return tellTrouble(error);
    } finally {
      if (computing === wanted) computing = null;
    }
    return look();
  };
  const tellTrouble = (error: unknown) => {
    if (isStopped) return;
    hasFailed = true;
    onTrouble(`the drawn order could not be computed: ${error instanceof Error ? error.message : String(error)}`);
    stopRetry();
    stopRetry = clock.after(retryPeriodMs, () => void look());
  };
  const tellDone = () => {
    if (hasFailed) onTrouble(null);
    hasFailed = false;
  };
  await look();
  const stopListening = view.onChange(() => void look());
  return () => {
    isStopped = true;
    stopRetry();
    stopListening();
  };
}

type RevealedDraw = { readonly drawn: number; readonly seed: string };

/** Whatever the way here, a view without an order needs one: the reveal may also come with a room that was loaded anew. */
function wantedBy({ order, state: { draw } }: RoomView): RevealedDraw | null {
  if (order !== null || draw === null || draw.drawn === null || draw.seed === null) return null;
  return { drawn: draw.drawn, seed: draw.seed };
}

function nameOf(draw: RevealedDraw | null): string | null {
  return draw === null ? null : `${draw.drawn} ${draw.seed}`;
}
