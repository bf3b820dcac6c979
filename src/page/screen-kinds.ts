// What screens have in common: their tone, whether a device on them is in line, and whether it may leave.
import type { Scene } from './screen.ts';
import type { Screen } from './wording.ts';

export type Tone = 'calm' | 'call' | 'still' | 'end';

export const toneOf: Readonly<Record<Screen, Tone>> = {
  closed: 'calm',
  lobby: 'calm',
  drawing: 'calm',
  waiting: 'calm',
  near: 'calm',
  called: 'call',
  entering: 'call',
  missed: 'still',
  admitted: 'call',
  paused: 'still',
  full: 'still',
  trouble: 'still',
  'sold-out': 'still',
  checking: 'still',
  offline: 'still',
  left: 'end',
  ended: 'end',
  superseded: 'end',
  invalid: 'end',
  'shop-trouble': 'still',
  'not-found': 'end',
  'store-unavailable': 'still',
  busy: 'calm',
};

export const inLineScreens: readonly Screen[] = [
  'waiting',
  'near',
  'paused',
  'full',
  'trouble',
  'sold-out',
  'checking',
  'offline',
];
export const leavableScreens: readonly Screen[] = [...inLineScreens, 'lobby', 'drawing', 'called', 'missed'];

/** On which the draw may be checked. */
export const checkableScreens: readonly Screen[] = [...inLineScreens, 'called', 'missed', 'ended'];

/** A call that ran out without a connection is over, and what stands ahead of the next one is not known. */
export const isInLine = (screen: Screen, { status }: Scene): boolean =>
  inLineScreens.includes(screen) && status?.state !== 'called' && status?.state !== 'entering';
