// Computes the drawn order once the seed is known, off the event loop, and gives it to the view.

import { drawOrder } from '../draw/draw-order.ts';
import { PlaceOrder } from './place-order.ts';
import type { RoomView } from './room-view.ts';

/** Resolves when a draw that was already revealed is computed. Returns its stop function. */
export async function followOrder(view: RoomView, onFailure: (error: unknown) => void): Promise<() => void> {
  let computing: string | null = null;
  const compute = async () => {
    const { draw } = view.state;
    // Whatever the way here, a view without an order needs one: the reveal may also come with a room that was loaded anew.
    if (view.order !== null || draw === null || draw.drawn === null || draw.seed === null) return;
    if (computing === draw.seed) return;
    computing = draw.seed;
    try {
      view.setOrder(new PlaceOrder(await drawOrder(draw.drawn, draw.seed)));
    } finally {
      computing = null;
    }
  };
  await compute();
  return view.onChange(() => {
    compute().catch(onFailure);
  });
}
