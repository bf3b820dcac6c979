// Who decides in a room, as this gateway has it: what it knows of the room, its own caller, and the way to the caller
// where that is another gateway's. Wiring only.

import { drawOrder } from './draw/draw-order.ts';
import type { Clock } from './flow/clock.ts';
import { EnteringHere } from './flow/entering-here.ts';
import { followOrder } from './flow/follow-order.ts';
import { LedPresence } from './flow/led-presence.ts';
import { followRoom } from './flow/load-room.ts';
import { recordEstimates } from './flow/record-estimates.ts';
import type { DrawDesk } from './flow/reveal-draw.ts';
import { RoomCaller } from './flow/room-caller.ts';
import { RoomView, type ViewListener } from './flow/room-view.ts';
import { TroubleTeller } from './flow/tell-trouble.ts';
import { newPassId } from './new-pass-id.ts';
import type { RoomAnswer, RoomRequest } from './queue/answer-request.ts';
import type { RoomRules } from './queue/room-rules.ts';
import { scheduleOf } from './queue/room-state.ts';
import type { Stops } from './stops.ts';
import type { QueueStore } from './store/queue-store.ts';
import type { RoomExchange } from './store/room-exchange.ts';

export type OpenCaller = {
  readonly view: RoomView;
  readonly caller: RoomCaller;
  /** Told what this gateway decides while it is on its way to the store, where that is its own. Returns its stop function. */
  onDecided(listener: ViewListener): () => void;
  /** Asks whichever gateway is the caller. */
  ask(request: RoomRequest): Promise<RoomAnswer>;
  /** Whether a claim of this number waits at the gate. */
  isEntering(number: number): boolean;
  /** Why what is known here may not be what the store has, for operators; null while all is well. */
  storeTrouble(): string | null;
  /** Why nobody has a place at this gateway though the draw is revealed; null while all is well. */
  drawTrouble(): string | null;
};

export type OpenCallerNeeds = {
  readonly rules: RoomRules;
  readonly store: QueueStore;
  /** How this gateway finds the others; null where it is the only one. */
  readonly exchange: RoomExchange | null;
  readonly clock: Clock;
  readonly draw: DrawDesk;
  /** Names this gateway in the room's lease. */
  readonly holder: string;
  readonly onTrouble: (room: string, reason: string | null) => void;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
};

const presencePeriodMs = 500;

/** Turns are taken when this resolves. */
export async function openCaller(needs: OpenCallerNeeds, stops: Stops): Promise<OpenCaller> {
  const { rules, store, exchange, clock, onFailure } = needs;
  const view = new RoomView(rules, clock);
  const teller = new TroubleTeller(clock, reason => needs.onTrouble(rules.id, reason));
  stops.add(() => teller.stop());
  const troubles = new Troubles(reason => teller.hear(reason));
  const onStoreTrouble = (of: StoreTrouble) => (reason: string | null) => {
    troubles.tell(of, reason);
    view.checking = troubles.ofStore !== null;
  };
  stops.add(await followRoom({ store, view, clock, onTrouble: onStoreTrouble('view'), onFailure }));
  const onDrawTrouble = (reason: string | null) => troubles.tell('draw', reason);
  stops.add(await followOrder({ view, clock, compute: drawOrder, onTrouble: onDrawTrouble }));
  stops.add(recordEstimates(view, clock));

  const presence = new LedPresence();
  const answering = new Answering(exchange, rules.id, request => caller.ask(request));
  stops.add(() => answering.stop());
  const decided = new Set<ViewListener>();
  const caller = new RoomCaller({
    rules,
    store,
    clock,
    draw: needs.draw,
    holder: needs.holder,
    newPassId,
    present: () => view.present,
    knowsPresent: epoch => presence.isKnown(epoch),
    sparesStore: exchange !== null,
    // What is decided for devices at other gateways is signed there.
    ...(exchange === null && { onDecided: changes => decided.forEach(listener => void listener(changes)) }),
    onLead(epoch) {
      answering.lead(epoch !== null);
      presence.lead(epoch);
    },
    onTrouble: onStoreTrouble('store'),
    onFailure,
  });
  stops.add(() => caller.stop());
  if (exchange !== null) await presence.share({ view, clock, exchange, onFailure });
  stops.add(() => presence.stop());
  await caller.start();
  const look = () => onStoreTrouble('lead')(hasBeenLed(view, clock.nowMs()) ? null : 'nobody has led the room yet');
  stops.add(view.onChange(look));
  look();
  stops.add(clock.every(presencePeriodMs, () => view.expirePresence()));

  const entering = new EnteringHere(clock);
  return {
    view,
    caller,
    onDecided(listener) {
      decided.add(listener);
      return () => decided.delete(listener);
    },
    ask: request =>
      exchange === null ? caller.ask(request) : entering.during(request, exchange.ask(rules.id, request)),
    isEntering(number) {
      const place = view.placeOf(number);
      return place !== null && (caller.isEntering(place) || entering.has(place));
    },
    storeTrouble: () => troubles.ofStore,
    drawTrouble: () => troubles.ofDraw,
  };
}

/** Whether what is known of the room is what it is: a new one whose time has come was opened by whoever led it first. // LN155 */
function hasBeenLed({ state, rules }: RoomView, nowMs: number): boolean {
  const { opensAtMs, startsAtMs } = scheduleOf(state, rules);
  return state.version > 0 || (opensAtMs ?? startsAtMs ?? nowMs) > nowMs;
}

type StoreTrouble = 'store' | 'view' | 'lead';

/** Why nobody is called: the store comes first, as without it nothing else is known. Told when it changes. */
class Troubles {
  readonly #onChange: (reason: string | null) => void;
  readonly #reasons: Record<StoreTrouble | 'draw', string | null> = {
    ...{ store: null, view: null, lead: null, draw: null },
  };

  constructor(onChange: (reason: string | null) => void) {
    this.#onChange = onChange;
  }

  get current(): string | null {
    return this.ofStore ?? this.ofDraw;
  }

  /** What is known here may not be what the store has. */
  get ofStore(): string | null {
    return this.#reasons.store ?? this.#reasons.view ?? this.#reasons.lead;
  }

  get ofDraw(): string | null {
    return this.#reasons.draw;
  }

  tell(of: StoreTrouble | 'draw', reason: string | null): void {
    const before = this.current;
    this.#reasons[of] = reason;
    if (this.current !== before) this.#onChange(this.current);
  }
}

/** Answers what other gateways ask, while this one is the caller. */
class Answering {
  readonly #exchange: RoomExchange | null;
  readonly #room: string;
  readonly #ask: (request: RoomRequest) => Promise<RoomAnswer>;
  #stop: (() => void) | null = null;

  constructor(exchange: RoomExchange | null, room: string, ask: (request: RoomRequest) => Promise<RoomAnswer>) {
    this.#exchange = exchange;
    this.#room = room;
    this.#ask = ask;
  }

  lead(leads: boolean): void {
    this.stop();
    if (leads && this.#exchange !== null) this.#stop = this.#exchange.answerAsked(this.#room, this.#ask);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
