// The instants and clocks that a scene tells of. What a screen makes of them is left to others.
import type { Scene } from './screen.ts';

export const instantOf = (text: string | null | undefined): number | null => {
  const atMs = text === null || text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? null : atMs;
};

/** No time to enter runs out meanwhile. */
export const clocksStand = (scene: Scene): boolean =>
  scene.status?.paused === true || scene.status?.shopFailing === true;

export const leftToEnterMs = (scene: Scene): number | null => {
  const claimByMs = instantOf(scene.status?.claimBy);
  return claimByMs === null ? null : Math.max(0, claimByMs - scene.nowMs);
};
