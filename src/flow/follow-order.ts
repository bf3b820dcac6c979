// Computes the drawn order once the seed is known, off the event loop, and gives it to the view.

import { drawOrder } from '../draw/draw-order.ts';
import { PlaceOrder } from './place-order.ts';
import type { RoomView } from './room-view.ts';

/** Resolves when a draw that was already revealed is computed. Returns its stop function. */
export async function followOrder(view: RoomView, onFailure: (error: unknown) => void): Promise<() => void> {
  await computeOrder(view);
  return view.onChange(changes => {
    if (changes.some(change => change.kind === 'revealed')) computeOrder(view).catch(onFailure);
  });
}

async function computeOrder(view: RoomView): Promise<void> {
  const { draw } = view.state;
  if (draw === null || draw.drawn === null) return;
  if (draw.seed === null) {
    view.order = null;
    return;
  }
  view.setOrder(draw.drawn === 0 ? PlaceOrder.byArrival : new PlaceOrder(await drawOrder(draw.drawn, draw.seed)));
}
