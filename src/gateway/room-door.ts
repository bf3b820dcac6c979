// One room as the gateway's handlers see it: everything that a request of that room may need, opened by open-room.ts.

import type { AskedFor } from '../admission/asked-for.ts';
import type { VisitRank } from '../admission/shop-turnstile.ts';
import type { IssuedPass } from '../flow/pass-desk.ts';
import type { LinePusher } from '../flow/push-line.ts';
import type { RoomView } from '../flow/room-view.ts';
import type { StatusWithFields } from '../flow/status.ts';
import type { WaitingPage } from '../page/waiting-page.ts';
import type { Shop, ShopOutcome } from '../proxy/shop-port.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';
import type { PassVerdict } from '../tokens/pass.ts';
import type { TicketVerdict } from '../tokens/ticket.ts';

export type RoomDoor = {
  readonly id: string;
  readonly view: RoomView;
  readonly pusher: LinePusher;
  readonly shop: Shop;
  readonly page: WaitingPage;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly claim: 'confirm' | 'auto';
  readonly waitingStatus: number;
  readonly ticketLifetimeMs: number;

  /** The next arrival number; at once where the store can. Rejects with StoreError `unavailable`. */
  takeNumber(): number | Promise<number>;
  /** Asks the caller of the room. Rejects with StoreError `unavailable`. */
  ask(request: RoomRequest): Promise<RoomAnswer>;
  /** Tells the other gateways that this device left the line. */
  tellLeft(number: number): void;
  /** Whether a claim of this number waits at the gate. */
  isEntering(number: number): boolean;
  /** One device's STATUS as JSON. */
  statusOf(number: number): string;
  /** The same, and its fields. */
  statusWithFields(number: number): StatusWithFields;

  /** Told how every request to the shop went. `asked` absent: for data. */
  onShopOutcome(outcome: ShopOutcome, rank: VisitRank | null, asked?: AskedFor): void;

  signTicket(number: number): string;
  readTicket(token: string): TicketVerdict;
  /** The verdict on a pass, at once if it takes no cryptography. */
  peekPass(token: string): PassVerdict | undefined;
  readPass(token: string): Promise<PassVerdict>;
  /** The token of a pass that is alive, or null. */
  passToken(passId: string): IssuedPass | null;
  /** Whether nobody has been inside with this pass yet. */
  isPassUnused(passId: string): boolean;
  /** Notes that a pass was used; gives the token that should replace the device's, if one should. */
  usePass(passId: string, tokenExpiresAtMs: number, path: string): IssuedPass | null;
  /** Notes that a pass was used where no token can be handed out. */
  notePassUse(passId: string): void;
  /** Calls `ended` once, when the pass ends; at once if it is not alive. Gives what forgets it. */
  whenPassEnds(passId: string, ended: () => void): () => void;
  /** Whether a path belongs to the checkout. */
  isCheckout(path: string): boolean;
};
