// One request between a fan on uWebSockets.js and the shop.
// What goes to the shop and how is left to the proxy behind the port; what a fan sees in trouble to the caller.

import type { VisitRank } from '../admission/shop-turnstile.ts';
import type { Shop, ShopBody, ShopCommand, ShopOutcome } from '../proxy/shop-port.ts';
import type { CopiedRequest } from './copied-request.ts';
import { FanAnswer, type FanSide } from './fan-answer.ts';

export type { TroublePage } from './fan-answer.ts';

export type ShopExchange = FanSide & {
  readonly shop: Shop;
  readonly room: string;
  readonly passToken: string | null;
  readonly rank: VisitRank | null;
  onOutcome(outcome: ShopOutcome): void;
  /** Before the answer goes to the fan. */
  onCommand(command: ShopCommand): void;
};

export function forwardToShop(exchange: ShopExchange): void {
  const { request, shop, room, passToken, rank } = exchange;
  if (request.life.isOver()) {
    exchange.onOutcome({ kind: 'abandoned' });
    return;
  }
  const { method, target, headers, peerIp, trustedPeer, secure } = request;
  const answer = new FanAnswer(exchange);
  const handle = shop.forward(
    { method, target, headers, peerIp, trustedPeer, secure, room, passToken, rank, body: bodyOf(request) },
    answer,
    {
      outcome: outcome => exchange.onOutcome(outcome),
      command: command => exchange.onCommand(command),
    },
  );
  answer.flowsFrom(handle);
  request.life.whenOver(() => handle.abort());
}

function bodyOf({ body, headers }: CopiedRequest): ShopBody | null {
  if (body === null) return null;
  const bytes = body.whole();
  if (bytes !== null) return { kind: 'whole', bytes };
  return { kind: 'flowing', length: declaredLength(headers), flow: reader => body.read(reader) };
}

function declaredLength(headers: CopiedRequest['headers']): number | null {
  const lengths = headers.filter(pair => pair[0] === 'content-length');
  const value = lengths.length === 1 ? lengths[0]?.[1] : undefined;
  const isChunked = headers.some(pair => pair[0] === 'transfer-encoding');
  return value !== undefined && !isChunked && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
