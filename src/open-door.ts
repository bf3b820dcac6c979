// The door of a room: its tickets and passes, its page, who follows the line here, and the shop behind it. Wiring only.

import type { RoomSettings } from './config/settings.ts';
import type { Clock } from './flow/clock.ts';
import { PassDesk } from './flow/pass-desk.ts';
import { PassEnds } from './flow/pass-ends.ts';
import { LinePusher } from './flow/push-line.ts';
import type { RoomView } from './flow/room-view.ts';
import { StatusEncoder } from './flow/status.ts';
import { tellUses } from './flow/tell-uses.ts';
import { pathTest } from './gateway/match-room.ts';
import { buildAllowedOrigins } from './gateway/origin-check.ts';
import type { RoomDoor } from './gateway/room-door.ts';
import type { OpenCaller } from './open-caller.ts';
import { openWatchedShop, type WatchedShop, type WatchedShopNeeds } from './open-watched-shop.ts';
import { PaceChangeTally, PassEndTally, ShopOutcomeTally } from './ops/counts.ts';
import { LatencyTally } from './ops/operation-metrics.ts';
import { type Tracing, tracedAsk } from './ops/tracing.ts';
import { readLogo } from './page/read-logo.ts';
import { buildWaitingPage } from './page/waiting-page.ts';
import type { Stops } from './stops.ts';
import type { QueueStore } from './store/queue-store.ts';
import type { RoomExchange } from './store/room-exchange.ts';
import type { Keys } from './tokens/key-set.ts';
import { signPass } from './tokens/pass.ts';
import { PassVerifier } from './tokens/pass-verifier.ts';
import { signTicket, verifyTicket } from './tokens/ticket.ts';

/** What a room counts for its metrics. */
export type RoomTallies = {
  joins: number;
  pushed: number;
  renewals: number;
  readonly pushDelay: LatencyTally;
  readonly shop: ShopOutcomeTally;
  readonly passEnds: PassEndTally;
  readonly paceChanges: PaceChangeTally;
};

const pushBoundsMs = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

export type OpenDoor = {
  readonly door: RoomDoor;
  readonly tallies: RoomTallies;
  readonly watchedShop: WatchedShop;
  useKeys(keys: Keys): void;
};

export type OpenDoorNeeds = {
  readonly settings: RoomSettings;
  readonly prefix: string;
  readonly store: QueueStore;
  /** How this gateway finds the others; null where it is the only one. */
  readonly exchange: RoomExchange | null;
  readonly clock: Clock;
  readonly keys: Keys;
  /** Names this gateway where it speaks of the shop. */
  readonly holder: string;
  readonly decides: OpenCaller;
  readonly tracing: Tracing | null;
  readonly onShopTrouble: WatchedShopNeeds['onShopTrouble'];
};

type Tokens = Pick<
  RoomDoor,
  | 'signTicket'
  | 'readTicket'
  | 'peekPass'
  | 'readPass'
  | 'passToken'
  | 'isPassUnused'
  | 'usePass'
  | 'notePassUse'
  | 'whenPassEnds'
>;

export async function openDoor(needs: OpenDoorNeeds, stops: Stops): Promise<OpenDoor> {
  const { settings, store, exchange, decides } = needs;
  const { id } = settings;
  const { view, isEntering } = decides;
  const ask = needs.tracing === null ? decides.ask : tracedAsk(needs.tracing, id, decides.ask);
  const tallies: RoomTallies = {
    joins: 0,
    pushed: 0,
    shop: new ShopOutcomeTally(),
    passEnds: new PassEndTally(),
    paceChanges: new PaceChangeTally(),
    renewals: 0,
    pushDelay: new LatencyTally(pushBoundsMs),
  };
  const { logoPath, ...look } = settings.look;
  const logo = logoPath === null ? null : await readLogo(logoPath);
  if (logo?.kind === 'problem') throw new Error(`look.logo: ${logo.message}`);
  const page = await buildWaitingPage({
    look: { ...look, logo: logo?.address ?? null },
    prefix: needs.prefix,
    room: {
      id,
      claim: settings.claim,
      extension: settings.claimExtensions > 0,
    },
  });
  stops.add(view.onChange(changes => tallies.passEnds.add(changes)));
  stops.add(view.onChange(changes => tallies.paceChanges.add(changes)));
  const isCheckout = pathTest(settings.match.checkout);
  const watchedShop = openWatchedShop({ ...needs, tally: tallies.shop, tracer: needs.tracing?.shop ?? null }, stops);
  const { tokens, useKeys } = openTokens(needs, isCheckout, stops);
  const door: RoomDoor = {
    id,
    view,
    pusher: openPusher(needs, tallies, stops),
    page,
    allowedOrigins: buildAllowedOrigins(settings.allowedOrigins),
    claim: settings.claim,
    waitingStatus: settings.waitingStatus,
    ticketLifetimeMs: settings.ticketLifetimeMs,
    takeNumber() {
      tallies.joins += 1;
      return store.takeNumbers(id, 1, view.state.draw !== null);
    },
    ask,
    tellLeft: number => exchange?.tellLeft(id, number),
    isEntering,
    ...statusesOf(view, isEntering),
    isCheckout,
    shop: watchedShop.shop,
    onShopOutcome: watchedShop.onShopOutcome,
    ...tokens,
    usePass(...used) {
      const renewed = tokens.usePass(...used);
      if (renewed !== null) tallies.renewals += 1;
      return renewed;
    },
  };
  return { door, tallies, watchedShop, useKeys };
}

function openPusher({ clock, decides }: OpenDoorNeeds, tallies: RoomTallies, stops: Stops): LinePusher {
  const { view, isEntering } = decides;
  const onPushed = (frames: number) => {
    tallies.pushed += frames;
  };
  const pusher = new LinePusher({
    ...{ view, clock, isEntering, onPushed },
    onSwept: delayMs => tallies.pushDelay.add(delayMs),
  });
  stops.add(() => pusher.stop());
  return pusher;
}

/** In a rush many statuses are asked for in one millisecond; what they have in common is encoded once. */
function statusesOf(
  view: RoomView,
  isEntering: (number: number) => boolean,
): Pick<RoomDoor, 'statusOf' | 'statusWithFields'> {
  let encoder = new StatusEncoder(view, isEntering);
  let encodedAtMs = 0;
  const encoderNow = (): StatusEncoder => {
    const { asOfMs } = view;
    if (asOfMs !== encodedAtMs || encoder.isStale) encoder = new StatusEncoder(view, isEntering);
    encodedAtMs = asOfMs;
    return encoder;
  };
  return {
    statusOf: number => encoderNow().encode(number),
    statusWithFields: number => encoderNow().encodeWithFields(number),
  };
}

function openTokens(
  { settings, clock, decides, ...needs }: OpenDoorNeeds,
  isCheckout: (path: string) => boolean,
  stops: Stops,
): { readonly tokens: Tokens; useKeys(keys: Keys): void } {
  let { keys } = needs;
  const { view, ask } = decides;
  const { id: room, ticketLifetimeMs: lifetimeMs } = settings;
  const verifier = new PassVerifier(keys);
  const desk = new PassDesk(view, clock, pass => signPass(keys, pass));
  const passEnds = new PassEnds(view);
  stops.add(
    decides.onDecided(changes => desk.prepare(changes)),
    () => desk.stop(),
    () => passEnds.stop(),
    tellUses({ desk, clock, ask, idleMs: view.rules.passIdleMs }),
  );
  return {
    tokens: {
      signTicket: number => signTicket(keys, { room, number, nowMs: clock.nowMs(), lifetimeMs }),
      readTicket: token => verifyTicket(keys, token, { room, nowMs: clock.nowMs() }),
      peekPass: token => verifier.peek(token, { room, nowMs: clock.nowMs() }),
      readPass: token => verifier.verify(token, { room, nowMs: clock.nowMs() }),
      passToken: passId => desk.tokenOf(passId),
      isPassUnused: passId => desk.isUnused(passId),
      usePass: (passId, tokenExpiresAtMs, path) => desk.use(passId, tokenExpiresAtMs, isCheckout(path)),
      notePassUse: passId => desk.note(passId),
      whenPassEnds: (passId, ended) => passEnds.when(passId, ended),
    },
    useKeys(next) {
      keys = next;
      verifier.useKeys(next);
    },
  };
}
