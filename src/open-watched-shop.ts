// The shop behind a room: requests that wait while it is busy, what this gateway sees of it, and the caller who is told.
// Wiring only.

import { createHash } from 'node:crypto';
import { InFlightLimit } from './admission/in-flight-limit.ts';
import { isKnownClean } from './admission/signature-trust.ts';
import type { RoomSettings } from './config/settings.ts';
import type { Clock } from './flow/clock.ts';
import { reportShop } from './flow/report-shop.ts';
import { tellClean } from './flow/tell-clean.ts';
import { watchShop } from './flow/watch-shop.ts';
import type { RoomDoor } from './gateway/room-door.ts';
import type { OpenCaller } from './open-caller.ts';
import type { ShopOutcomeTally } from './ops/counts.ts';
import { limitShop } from './proxy/limited-shop.ts';
import type { ShopTracer } from './proxy/request-trace.ts';
import { openShop } from './proxy/shop.ts';
import type { ShopOutcome, ShopTrouble } from './proxy/shop-port.ts';
import { openShopSight } from './proxy/shop-sight.ts';
import { autopilotMode } from './queue/pace-in-force.ts';
import { signatureOf } from './room-rules-of.ts';
import type { Stops } from './stops.ts';

export type WatchedShop = Pick<RoomDoor, 'shop' | 'onShopOutcome'> & {
  isSignatureUseless(): boolean;
  /** How many requests the shop can work on at once, as learned. */
  limit(): number;
  /** Requests that wait for the shop to have room. */
  waiting(): number;
  /** Requests that it has not answered to the end, those that wait among them. */
  underWay(): number;
  /** Asks the shop no more: what is under way may end within `graceMs`, and counts for or against the shop no longer. */
  close(graceMs: number): Promise<void>;
};

export type WatchedShopNeeds = {
  readonly settings: RoomSettings;
  readonly clock: Clock;
  /** Names this gateway where it speaks of the shop. */
  readonly holder: string;
  readonly decides: OpenCaller;
  readonly tally: ShopOutcomeTally;
  readonly tracer: ShopTracer | null;
  /** Told when the shop left a request without an answer of its own. */
  readonly onShopTrouble: (room: string, trouble: ShopTrouble) => void;
};

export function openWatchedShop(of: WatchedShopNeeds, stops: Stops): WatchedShop {
  const { settings, clock, holder, decides, tally } = of;
  const { view, ask } = decides;
  const { mode, waitMs } = settings.shopLimit;
  const errorSignatures = settings.autopilot.errorSignatures.map(signatureOf);
  const signatures = createHash('sha256').update(JSON.stringify(errorSignatures)).digest('base64url').slice(0, 16);
  const known = () => view.state.cleanSignatures;
  const sight = openShopSight(() => isKnownClean(known(), signatures, clock.nowMs()));
  const limit = new InFlightLimit();
  const modeNow = () => autopilotMode(view.state, view.rules);
  const shop = limitShop({
    shop: openShop({
      origin: settings.shop,
      firstByteTimeoutMs: settings.shopTimeoutMs,
      errorSignatures,
      tracer: of.tracer,
    }),
    limit,
    waitMs,
    isSignatureTrusted: sight.isSignatureTrusted,
    onSilence: rank => sight.silence(rank, clock.nowMs()),
    isOn: () => mode === 'on' || (mode === 'auto' && modeNow() === 'on'),
  });
  const stopTelling = [
    watchShop({ clock, by: holder, ask, isFailing: sight.isFailing, countsAt: sight.countsAt }),
    reportShop({ clock, ask, isSteering: () => modeNow() !== 'off', take: sight.take }),
  ];
  if (errorSignatures.length > 0)
    stopTelling.push(tellClean({ clock, ask, signatures, known, takeClean: sight.takeClean }));
  let closing: Promise<void> | null = null;
  const close = (graceMs: number) => {
    for (const stop of stopTelling) stop();
    closing ??= shop.close(graceMs);
    return closing;
  };
  // What was given time to end has it.
  stops.add(() => void close(0));
  return {
    shop,
    onShopOutcome(outcome, rank, asked) {
      tally.add(outcome);
      if (isTroubleOfShop(outcome)) of.onShopTrouble(settings.id, outcome);
      sight.observe(outcome, rank, clock.nowMs(), asked);
    },
    isSignatureUseless: sight.isSignatureUseless,
    limit: () => limit.limit,
    waiting: shop.waiting,
    underWay: () => shop.inFlight() + shop.waiting(),
    close,
  };
}

/** Not what the fan or the end of this gateway is to blame for. */
function isTroubleOfShop(outcome: ShopOutcome): outcome is ShopTrouble {
  switch (outcome.kind) {
    case 'answered':
    case 'abandoned':
    case 'bad-request':
    case 'closed':
      return false;
    default:
      return true;
  }
}
