// Puts one room together: what it knows, who decides, who pushes, the shop behind it. Wiring only.

import { randomBytes } from 'node:crypto';
import {
  defaultRelays,
  type RandomnessSettings,
  type RoomSettings,
  type ErrorSignature as SettingsSignature,
} from './config/settings.ts';
import { isGenuineRound } from './drand/check-round.ts';
import { roundFetcher } from './drand/fetch-round.ts';
import type { AnnouncedRandomness } from './draw/randomness.ts';
import { commitmentTo, secretBytes, seedOf } from './draw/seed.ts';
import type { Clock } from './flow/clock.ts';
import { EnteringHere } from './flow/entering-here.ts';
import { followOrder } from './flow/follow-order.ts';
import { followRoom } from './flow/load-room.ts';
import { PassDesk } from './flow/pass-desk.ts';
import { PassEnds } from './flow/pass-ends.ts';
import { LinePusher } from './flow/push-line.ts';
import type { DrawDesk } from './flow/reveal-draw.ts';
import { RoundWatch } from './flow/reveal-round.ts';
import { RoomCaller } from './flow/room-caller.ts';
import { RoomView } from './flow/room-view.ts';
import { SharedPresence } from './flow/share-presence.ts';
import { StatusEncoder } from './flow/status.ts';
import { watchShop } from './flow/watch-shop.ts';
import { pathTest } from './gateway/match-room.ts';
import { buildAllowedOrigins } from './gateway/origin-check.ts';
import type { RoomDoor } from './gateway/room-door.ts';
import { PassEndTally, ShopTally } from './ops/counts.ts';
import { buildWaitingPage } from './page/waiting-page.ts';
import { openShop } from './proxy/shop.ts';
import { createShopHealth } from './proxy/shop-health.ts';
import type { ErrorSignature as ShopSignature } from './proxy/signature-scan.ts';
import type { RoomAnswer, RoomRequest } from './queue/answer-request.ts';
import type { RoomRules } from './queue/room-rules.ts';
import type { QueueStore } from './store/queue-store.ts';
import type { RoomExchange } from './store/room-exchange.ts';
import type { Keys } from './tokens/key-set.ts';
import { signPass } from './tokens/pass.ts';
import { PassVerifier } from './tokens/pass-verifier.ts';
import { signTicket, verifyTicket } from './tokens/ticket.ts';

/** What a room counts for its metrics. */
export type RoomTallies = { joins: number; pushed: number; readonly shop: ShopTally; readonly passEnds: PassEndTally };

export type OpenRoom = {
  readonly door: RoomDoor;
  readonly caller: RoomCaller;
  readonly tallies: RoomTallies;
  /** How many numbers were handed out; null while the store cannot say. */
  countNumbers(): Promise<number | null>;
  /** Why the caller stands still, for operators; null while it calls. */
  trouble(): string | null;
  useKeys(keys: Keys): void;
  /** Ends turns and timers. Requests to the shop go on. */
  stop(): Promise<void>;
};

export type OpenRoomNeeds = {
  readonly settings: RoomSettings;
  readonly prefix: string;
  readonly store: QueueStore;
  /** How this gateway finds the others; null where it is the only one. */
  readonly exchange: RoomExchange | null;
  readonly clock: Clock;
  readonly keys: Keys;
  /** Names this gateway in the room's lease. */
  readonly holder: string;
  readonly onTrouble: (room: string, reason: string | null) => void;
  /** Told when a drand relay's answer was not taken; the reason is for operators. */
  readonly onRelay?: (room: string, url: string, reason: string) => void;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
};

/** One relay may not use up the wait for all. */
const relayTimeoutMsMax = 2_000;

function drawDeskOf({ settings, clock, onRelay }: OpenRoomNeeds): DrawDesk {
  const { randomness, waitMs } = settings.draw;
  const urls = randomness.kind === 'drand' ? randomness.urls : defaultRelays;
  return {
    newSecret: () => randomBytes(secretBytes).toString('hex'),
    commitmentTo,
    seedOf,
    announced: announcedBy(randomness),
    waitMs: waitMs ?? 0,
    rounds: new RoundWatch(
      roundFetcher({
        urls,
        timeoutMs: Math.min(relayTimeoutMsMax, Math.ceil((waitMs ?? relayTimeoutMsMax) / (urls.length + 1))),
        isGenuine: isGenuineRound,
        onRefused: (url, reason) => onRelay?.(settings.id, url, reason),
      }),
      clock,
    ),
  };
}

function announcedBy(randomness: RandomnessSettings): AnnouncedRandomness {
  if (randomness.kind !== 'drand') return randomness;
  // Where a relay stands is no part of what is announced: the round is the same from anywhere.
  return { kind: 'drand', chain: randomness.chain };
}

const presencePeriodMs = 500;
/** Uses of passes are told to the caller in batches, early enough for the shortest idle time. */
const usePeriodMsMax = 2_000;

export async function openRoom(needs: OpenRoomNeeds): Promise<OpenRoom> {
  const { settings, store, exchange, clock } = needs;
  const rules = rulesOf(settings);
  const view = new RoomView(rules, clock);
  const stopFollowing = await followRoom(store, view, needs.onFailure);
  const stopOrder = await followOrder(view, needs.onFailure);

  let trouble: string | null = null;
  let epoch: number | null = null;
  let stopAnswering: () => void = () => undefined;
  const caller = new RoomCaller({
    rules,
    store,
    clock,
    draw: drawDeskOf(needs),
    holder: needs.holder,
    newPassId: () => randomBytes(12).toString('base64url'),
    present: () => view.present,
    onLead(next) {
      epoch = next;
      stopAnswering();
      stopAnswering = () => undefined;
      if (next !== null && exchange !== null) {
        stopAnswering = exchange.answerAsked(rules.id, request => caller.ask(request));
      }
    },
    onTrouble(reason) {
      view.checking = reason !== null;
      if (reason === trouble) return;
      trouble = reason;
      needs.onTrouble(rules.id, reason);
    },
    onFailure: needs.onFailure,
  });
  const tallies: RoomTallies = { joins: 0, pushed: 0, shop: new ShopTally(), passEnds: new PassEndTally() };
  const isEntering = (number: number) => {
    const place = view.placeOf(number);
    return place !== null && (caller.isEntering(place) || entering.has(place));
  };
  const entering = new EnteringHere(clock);
  const ask = (request: RoomRequest) =>
    exchange === null ? caller.ask(request) : entering.during(request, exchange.ask(rules.id, request));
  const pusher = new LinePusher({
    view,
    clock,
    isEntering,
    onPushed: frames => {
      tallies.pushed += frames;
    },
  });

  let { keys } = needs;
  const verifier = new PassVerifier(keys);
  const desk = new PassDesk(view, clock, pass => signPass(keys, pass));
  const passEnds = new PassEnds(view);
  const health = createShopHealth();
  const shop = openShop({
    origin: settings.shop,
    firstByteTimeoutMs: settings.shopTimeoutMs,
    errorSignatures: settings.autopilot.errorSignatures.map(signatureOf),
  });
  const page = await buildWaitingPage({
    prefix: needs.prefix,
    room: { id: rules.id, claim: settings.claim, extension: settings.claimExtensions > 0 },
  });

  // In a rush many statuses are asked for in one millisecond; what they have in common is encoded once.
  let encoded = new StatusEncoder(view, isEntering);
  let encodedAtMs = 0;
  const encoder = (asOfMs: number) => {
    if (asOfMs !== encodedAtMs || encoded.isStale) encoded = new StatusEncoder(view, isEntering);
    encodedAtMs = asOfMs;
    return encoded;
  };

  const isCheckout = pathTest(settings.match.checkout);
  const door: RoomDoor = {
    id: rules.id,
    view,
    pusher,
    shop,
    page,
    allowedOrigins: buildAllowedOrigins(settings.allowedOrigins),
    claim: settings.claim,
    waitingStatus: settings.waitingStatus,
    ticketLifetimeMs: settings.ticketLifetimeMs,
    takeNumber() {
      tallies.joins += 1;
      return store.takeNumbers(rules.id, 1);
    },
    ask,
    tellLeft: number => exchange?.tellLeft(rules.id, number),
    isEntering,
    statusOf: number => encoder(view.asOfMs).encode(number),
    onShopOutcome(outcome) {
      tallies.shop.add(outcome);
      health.observe(outcome, clock.nowMs());
    },
    signTicket: number =>
      signTicket(keys, { room: rules.id, number, nowMs: clock.nowMs(), lifetimeMs: settings.ticketLifetimeMs }),
    readTicket: token => verifyTicket(keys, token, { room: rules.id, nowMs: clock.nowMs() }),
    peekPass: token => verifier.peek(token, { room: rules.id, nowMs: clock.nowMs() }),
    readPass: token => verifier.verify(token, { room: rules.id, nowMs: clock.nowMs() }),
    passToken: passId => desk.tokenOf(passId),
    isCheckout,
    usePass: (passId, tokenExpiresAtMs, path) => desk.use(passId, tokenExpiresAtMs, isCheckout(path)),
    notePassUse: passId => desk.note(passId),
    whenPassEnds: (passId, ended) => passEnds.when(passId, ended),
  };

  const shared =
    exchange === null
      ? null
      : await SharedPresence.start({ view, clock, exchange, epoch: () => epoch, onFailure: needs.onFailure });
  await caller.start();
  const stops = [
    clock.every(presencePeriodMs, () => view.expirePresence()),
    clock.every(Math.min(usePeriodMsMax, rules.passIdleMs / 4), () => tellUses(desk, ask)),
    watchShop({ clock, by: needs.holder, ask, isFailing: nowMs => health.stateAt(nowMs) === 'failing' }),
    stopFollowing,
    stopOrder,
    view.onChange(changes => tallies.passEnds.add(changes)),
    () => pusher.stop(),
    () => desk.stop(),
    () => passEnds.stop(),
  ];
  return {
    door,
    caller,
    tallies,
    countNumbers: () => store.countNumbers(rules.id).catch(() => null),
    trouble: () => trouble,
    useKeys(next) {
      keys = next;
      verifier.useKeys(next);
    },
    async stop() {
      for (const stop of stops) stop();
      await shared?.stop();
      await caller.stop();
      stopAnswering();
    },
  };
}

function signatureOf({ status, header, body }: SettingsSignature): ShopSignature {
  return {
    status: status ?? undefined,
    header: header === null ? undefined : { name: header.name, value: header.value ?? undefined },
    body: body ?? undefined,
  };
}

function tellUses(desk: PassDesk, ask: (request: RoomRequest) => Promise<RoomAnswer>): void {
  const { passIds, atCheckout } = desk.takeUsed();
  if (passIds.length === 0) return;
  // Uses that could not be told are told again with the next use; a pass stands still while the store does.
  ask({ kind: 'use-passes', passIds, atCheckout }).catch(() => undefined);
}

function rulesOf(settings: RoomSettings): RoomRules {
  const { id, opensAtMs, startsAtMs, endsAtMs, pacePerMinute, activeCap, claimWindowMs, graceTimeMs, pass } = settings;
  return {
    id,
    opensAtMs,
    startsAtMs,
    endsAtMs,
    pacePerMinute,
    activeCap,
    claimWindowMs,
    claimExtensions: settings.claimExtensions,
    graceTimeMs,
    passIdleMs: pass.idleMs,
    passMaxMs: pass.maxMs,
    checkoutExtraMs: pass.checkoutExtraMs,
    comebackMs: pass.comebackMs,
    autopilot: settings.autopilot,
    ticketLifetimeMs: settings.ticketLifetimeMs,
  };
}
