// What several gateways say of who is present, read and put together. What cannot be read or merged is told and counts as
// not said: one gateway does not hold up the line of all. // ST167

import { Bitmap } from '../queue/bitmap.ts';
import type { PresentPlaces } from '../queue/turn.ts';
import type { PresenceBytes } from '../store/room-exchange.ts';
import type { PlaceOrder } from './place-order.ts';

type OnFailure = (error: unknown) => void;

export function readPresent(said: readonly PresenceBytes[], onFailure: OnFailure): PresentPlaces[] {
  return said.flatMap(({ order, bytes }) => {
    try {
      return [{ places: Bitmap.fromBytes(bytes), drawn: order }];
    } catch (error) {
      onFailure(error);
      return [];
    }
  });
}

/** In an order of places, from `fromPlace` on; by arrival where no order is known. */
export function mergePresent(
  said: readonly PresentPlaces[],
  order: PlaceOrder | null,
  fromPlace: number,
  onFailure: OnFailure,
): PresentPlaces {
  const merged = new Bitmap(fromPlace);
  for (const each of said) {
    try {
      if (order !== null) merged.addAll(order.placesOf(each));
      else if (each.drawn === 0) merged.addAll(each.places);
    } catch (error) {
      onFailure(error);
    }
  }
  return { places: merged, drawn: order?.drawn ?? 0 };
}

export function toPresenceBytes({ places, drawn }: PresentPlaces): PresenceBytes {
  return { order: drawn, bytes: places.toBytes() };
}

export function isSamePresence(left: PresenceBytes | null, right: PresenceBytes): boolean {
  return left !== null && left.order === right.order && Buffer.compare(left.bytes, right.bytes) === 0;
}
