// The order of a simulated draw: any shuffle that all gateways agree on, kept for those that ask again and again.

import { seededRandom } from '../../loadtest/seeded-random.ts';

const drawnListsMax = 100;
const drawnLists = new Map<number, Uint32Array>();

export function drawnPlaces(drawn: number): Uint32Array {
  const known = drawnLists.get(drawn);
  if (known !== undefined) return known;
  if (drawnLists.size >= drawnListsMax) drawnLists.clear();
  const places = shuffled(drawn);
  drawnLists.set(drawn, places);
  return places;
}

function shuffled(drawn: number): Uint32Array {
  const random = seededRandom(drawn);
  const places = Uint32Array.from({ length: drawn }, (_, index) => index);
  for (let index = drawn - 1; index > 0; index -= 1) {
    const other = Math.floor(random.between(0, index + 1));
    const place = places[index] ?? 0;
    places[index] = places[other] ?? 0;
    places[other] = place;
  }
  return places;
}
