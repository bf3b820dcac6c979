// Puts one room together: who decides, and the door. Wiring only.

import type { RoomSettings } from './config/settings.ts';
import type { Clock } from './flow/clock.ts';
import type { RoomCaller } from './flow/room-caller.ts';
import type { RoomDoor } from './gateway/room-door.ts';
import { openCaller } from './open-caller.ts';
import { type OpenDoorNeeds, openDoor, type RoomTallies } from './open-door.ts';
import { openDrawDesk } from './open-draw-desk.ts';
import type { WatchedShop } from './open-watched-shop.ts';
import type { Tracing } from './ops/tracing.ts';
import { WaitTally } from './ops/wait-tally.ts';
import type { RoomChange } from './queue/room-change.ts';
import { rulesOf } from './room-rules-of.ts';
import { Stops } from './stops.ts';
import type { QueueStore } from './store/queue-store.ts';
import type { RoomExchange } from './store/room-exchange.ts';
import type { Keys } from './tokens/key-set.ts';
import { watchWaits } from './watch-waits.ts';

export type OpenRoom = {
  readonly door: RoomDoor;
  readonly caller: RoomCaller;
  readonly tallies: RoomTallies;
  /** How many numbers were handed out; null while the store cannot say. */
  countNumbers(): Promise<number | null>;
  /** Who may post signals of the shop, by name. */
  readonly signalSources: readonly string[];
  readonly watchedShop: WatchedShop;
  readonly waits: WaitTally;
  /** Why the store's answer is missing, for operators; null while all is well. */
  storeTrouble(): string | null;
  /** Why nobody has a place at this gateway though the draw is revealed; null while all is well. */
  drawTrouble(): string | null;
  useKeys(keys: Keys): void;
  /** Ends turns and timers, and what is still under way in the shop. */
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
  readonly onRelay: (room: string, url: string, reason: string) => void;
  /** Told when a draw was made without the randomness that was announced for it. */
  readonly onFallback: (room: string, announced: string) => void;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
  readonly onShopTrouble: OpenDoorNeeds['onShopTrouble'];
  /** Null: nobody records traces. */
  readonly tracing: Tracing | null;
};

/** A room that cannot be opened leaves nothing behind. */
export async function openRoom(needs: OpenRoomNeeds): Promise<OpenRoom> {
  const { settings, store } = needs;
  const stops = new Stops(needs.onFailure);
  try {
    const decides = await openCaller({ ...needs, rules: rulesOf(settings), draw: openDrawDesk(needs) }, stops);
    const { door, tallies, watchedShop, useKeys } = await openDoor({ ...needs, decides }, stops);
    const room: OpenRoom = {
      door,
      caller: decides.caller,
      tallies,
      countNumbers: () => store.countNumbers(settings.id).catch(() => null),
      signalSources: settings.autopilot.signalSources,
      watchedShop,
      storeTrouble: decides.storeTrouble,
      drawTrouble: decides.drawTrouble,
      useKeys,
      stop: () => stops.run(),
      waits: new WaitTally(),
    };
    stops.add(watchWaits(room, needs.clock));
    stops.add(door.view.onChange(changes => tellFallback(changes, named => needs.onFallback(settings.id, named))));
    return room;
  } catch (error) {
    await stops.run();
    throw error;
  }
}

function tellFallback(changes: readonly RoomChange[], tell: (announced: string) => void): void {
  for (const change of changes) {
    if (change.kind !== 'revealed' || change.randomness.kind !== 'none') continue;
    const { announced } = change.randomness;
    if (announced !== undefined) tell(announced.kind === 'figure' ? announced.named : announced.kind);
  }
}
