// The port between several gateways of one room, beside its history: requests find the caller, and who is present with
// whom is put together. Nothing here is durable: what is lost is asked or said again.

import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';

/**
 * Who is present: a bitmap of places in the form of queue/bitmap-bytes.ts, indexed by an order (how many were drawn). A store
 * may put together bitmaps of one order; what is no bitmap it gives as it was said.
 */
export type PresenceBytes = { readonly order: number; readonly bytes: Uint8Array };

/** What all say who are there: how many they are, and together all that they say, some of it put together already. */
export type CollectedPresence = { readonly gateways: number; readonly said: readonly PresenceBytes[] };

export interface RoomExchange {
  /**
   * Asks the caller of the room, on whichever gateway it is, and gives its answer. Rejects with StoreError `unavailable`
   * when none comes in time: then the request may or may not have been carried out. A caller sees a request once,
   * however often it had to be sent, unless it could not learn whether it was carried out: that, and a change of caller,
   * may carry it out again, so a request says what shall be so and not what to add. Requests of one turn of the event loop share one message, answers as well. When
   * the answer comes, the followers on this gateway have been given every change that it rests on.
   */
  ask(room: string, request: RoomRequest): Promise<RoomAnswer>;

  /**
   * From now on this gateway answers what is asked in the room. An answer that rejects is not sent: another gateway may
   * be the caller by now, and the asker goes on asking. Returns its stop function.
   */
  answerAsked(room: string, answer: (request: RoomRequest) => Promise<RoomAnswer>): () => void;

  /**
   * Says who is present with this gateway. It holds for `leaseMs` after the gateway was last heard of. Gives the merged
   * snapshot if it changed since this gateway last got it, `lost` when it is gone, else null.
   */
  sayPresent(room: string, here: PresenceBytes, leaseMs: number): Promise<PresenceBytes | 'lost' | null>;

  /** What the gateways whose lease runs say, this one included. For the caller. */
  collectPresent(room: string): Promise<CollectedPresence>;

  /** Replaces the merged snapshot. False under an epoch that is over. */
  publishPresent(room: string, epoch: number, everybody: PresenceBytes): Promise<boolean>;

  /** Tells the other gateways that somebody came or went after a quiet time. What is so told may be lost. */
  tellMoved(room: string): void;

  /** Told that somebody came or went at another gateway, or that this may have been missed. Returns its stop function. */
  onMoved(room: string, listener: () => void): () => void;

  /**
   * Tells the other gateways that a device left the line: no earlier connection of it counts any more. What is so told
   * may be lost, and is dropped where it comes late, as the device may be back by then; then it is present with them until
   * its grace time is over.
   */
  tellLeft(room: string, number: number): void;

  /** Told the arrival numbers of devices that left by way of another gateway. Returns its stop function. */
  onLeft(room: string, listener: (numbers: readonly number[]) => void): () => void;
}
