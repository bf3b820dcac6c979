// What the gateway tells one page beside STATUS: the room's fixed settings, where the fan wants to go, and, instead of a
// STATUS, a notice. Plain data that goes through JSON into the document's tail.

import type { PageEvent } from './browser/state.ts';

export interface PageRoom {
  readonly id: string;
  /** `confirm`: the fan taps to enter; `auto`: the page claims by itself when called. */
  readonly claim: 'confirm' | 'auto';
  /** Shown at the top of the page; absent: nothing is shown. */
  readonly name?: string;
  /** True where the gateway lets a called device ask for more time; absent means false. */
  readonly extension?: boolean;
}

export const noticeKinds = [
  'shop-trouble',
  'room-closed',
  'room-ended',
  'not-found',
  'store-unavailable',
  'busy',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface Notice {
  readonly kind: NoticeKind;
  /** When the page may try again; absent: 5 s. The page adds its own jitter, except to `room-closed`: there it is the server's. */
  readonly retryAfterSeconds?: number;
  /** For `room-closed`: when the line opens, RFC 3339; absent or null: not announced. */
  readonly opensAt?: string | null;
  /** The server's clock when the notice was made, RFC 3339; lets a phone with a wrong clock count down rightly. */
  readonly asOf?: string;
  /** The operator's words, shown as they are. */
  readonly message?: string | null;
  /** For `shop-trouble`: the clock of the pass stands still now. Absent: it runs. */
  readonly clockStands?: true;
}

export interface Visit {
  readonly room: PageRoom | null;
  /** Path and query the fan asked for, same origin; the fragment is known to the browser only. */
  readonly returnTo: string;
  /** Present where the device may have no cookies: the page then sends it as a bearer token. */
  readonly ticket?: string;
  /** In a preview: what the page is to show, instead of connecting. */
  readonly preview?: readonly PageEvent[];
  /** In the lobby: the commitment of the draw, for this device to hold the room to it. */
  readonly commitment?: string;
  /** While STATUS is only remembered: the server's clock as the page was made, for a device whose own is wrong. */
  readonly servedAtMs?: number;
  /** The room has committed itself to a draw. Absent: it has not. */
  readonly draws?: true;
}
