// Which screen stands: decided from the last STATUS, a notice, and what this device knows about itself. Pure; the words
// are describe.ts's.
import type { Status } from './status.ts';
import type { Notice, NoticeKind, PageRoom } from './visit.ts';
import type { Screen } from './wording.ts';

/** What stands between this device and its line, if anything: it outranks STATUS. */
export type Bar = 'none' | 'superseded' | 'invalid' | 'left';

/** `stuck`: the pass is granted, but going to the shop led back here, so the page no longer goes by itself. */
export type Claiming = 'idle' | 'asking' | 'going' | 'stuck';

export type Connection = 'none' | 'connecting' | 'live' | 'lost';

/** All that a screen is made from, at one instant of the server's clock. */
export interface Scene {
  readonly room: PageRoom | null;
  readonly status: Status | null;
  readonly notice: Notice | null;
  readonly bar: Bar;
  readonly claiming: Claiming;
  readonly connection: Connection;
  /** When the last frame came or the connection was lost, on the server's clock; null while all is well. */
  readonly lostAtMs: number | null;
  /** The most devices ahead that this device has seen; null before the first number. */
  readonly aheadAtFirst: number | null;
  /** When the number last rose; null: never. */
  readonly roseAtMs: number | null;
  readonly leaving: boolean;
  /** The browser keeps no cookies: the device can wait, and cannot enter. Absent: it does. */
  readonly cookiesBlocked?: boolean;
  /** The fan wanted to enter without them. Absent: not yet. */
  readonly cookiesAsked?: boolean;
  /** The start was moved while this device was in the lobby. Absent: it was not. */
  readonly startMoved?: boolean;
  /** This call has had all its extensions. Absent: it has not. */
  readonly extensionsSpent?: boolean;
  /** The room has committed itself to a draw. Absent: this page was not told so. */
  readonly draws?: boolean;
  readonly nowMs: number;
}

const nearSecondsMax = 120;
/** However fast the line moves: nobody with more ahead takes it for their turn. */
const nearAheadMax = 20;
/** A lost connection is a matter of the quiet status line first, of the whole screen only after this. */
export const offlineAfterMs = 4_000;

const screenOfNotice: Readonly<Record<NoticeKind, Screen>> = {
  'shop-trouble': 'shop-trouble',
  'room-closed': 'closed',
  'room-ended': 'ended',
  'not-found': 'not-found',
  'store-unavailable': 'store-unavailable',
  busy: 'busy',
};

/** A line that stands has no estimate, and nobody in it is near. // LN32 */
const isNear = ({ ahead, etaSeconds }: Status): boolean =>
  ahead !== null && ahead <= nearAheadMax && etaSeconds !== null && etaSeconds[1] <= nearSecondsMax;

const isSoldOut = ({ stock = [] }: Status): boolean =>
  stock.length > 0 && stock.every(({ remaining }) => remaining === 0);

const isOffline = ({ connection, lostAtMs, nowMs }: Scene): boolean =>
  connection === 'lost' && lostAtMs !== null && nowMs - lostAtMs >= offlineAfterMs;

const screenInLine = (scene: Scene, status: Status): Screen => {
  if (isOffline(scene)) return 'offline';
  if (status.checking) return 'checking';
  if (status.shopFailing === true) return 'trouble';
  if (status.paused || status.calling === false) return status.full === true && !status.paused ? 'full' : 'paused';
  if (isSoldOut(status)) return 'sold-out';
  return isNear(status) ? 'near' : 'waiting';
};

const screenInLobby = (scene: Scene, status: Status): Screen => {
  const startsAtMs = status.startsAt === null ? Number.POSITIVE_INFINITY : Date.parse(status.startsAt);
  if (status.phase === 'lobby' && startsAtMs > scene.nowMs) return 'lobby';
  if (isOffline(scene)) return 'offline';
  // Who cannot see the room promises no place "in a moment". // PG178
  return status.checking ? 'checking' : 'drawing';
};

/** Stops of the room's clocks stop the window too. */
const isCallOver = ({ claimBy, paused, shopFailing }: Status, nowMs: number): boolean =>
  claimBy !== null && !paused && shopFailing !== true && Date.parse(claimBy) <= nowMs;

/** Without a connection nobody knows of a turn: what is sure is that the window runs, and after it that the place is kept. // PG172 */
const screenOfCall = (scene: Scene, status: Status, told: 'called' | 'entering'): Screen => {
  if (!isOffline(scene)) return told;
  return isCallOver(status, scene.nowMs) ? 'offline' : 'called';
};

const screenOfStatus = (scene: Scene, status: Status): Screen => {
  switch (status.state) {
    case 'lobby':
      return screenInLobby(scene, status);
    case 'waiting':
      return screenInLine(scene, status);
    case 'called':
    case 'entering':
      return screenOfCall(scene, status, status.state);
    case 'missed':
    case 'admitted':
    case 'left':
    case 'ended':
      return status.state;
  }
};

export const screenOf = (scene: Scene): Screen => {
  if (scene.bar !== 'none') return scene.bar;
  if (scene.claiming === 'going' || scene.claiming === 'stuck') return 'admitted';
  if (scene.notice !== null) return screenOfNotice[scene.notice.kind];
  return scene.status === null ? 'busy' : screenOfStatus(scene, scene.status);
};
