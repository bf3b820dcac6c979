// A fan's WebSocket that goes through to the shop: first the shop is asked, then the fan's upgrade is answered.
// Who may come in is decided by the caller before; the shop's half is behind the proxy's port.

import type { HttpResponse, us_socket_context_t, WebSocket, WebSocketBehavior } from 'uWebSockets.js';
import type { HeaderPairs, Shop, ShopOutcome, ShopSocket, ShopTrouble } from '../proxy/shop-port.ts';
import { writeHead } from './answer-head.ts';
import type { CopiedRequest } from './copied-request.ts';
import type { TroublePage } from './fan-answer.ts';
import { borrowCork, type ForeignCork } from './foreign-cork.ts';

/** What hangs on a fan's socket while it is connected to the shop. */
export type ShopLink = {
  readonly shopSocket: ShopSocket;
  /** An object of its own: the server copies what it is given for a socket. */
  readonly live: LiveState;
};

type LiveState = {
  fan: WebSocket<ShopLink> | null;
  /** Bytes the shop has not taken while it is slow. */
  heldBytes: number;
  isHolding: boolean;
  readonly pass: LinkPass | null;
  /** Ends the watch over the pass. */
  unwatch: () => void;
};

/** The pass that a link stands under. */
export type LinkPass = {
  /** The fan has sent a message. */
  onUse(): void;
  /** Calls `ended` once, when the pass ends; at once if it has. Gives what forgets it. */
  whenEnded(ended: () => void): () => void;
};

export type ShopUpgrade = {
  readonly res: HttpResponse;
  readonly context: us_socket_context_t;
  readonly request: CopiedRequest;
  readonly shop: Shop;
  readonly room: string;
  readonly passToken: string | null;
  /** Null where the path needs none. */
  readonly pass: LinkPass | null;
  readonly extraSetCookies: readonly string[];
  onOutcome(outcome: ShopOutcome): void;
  troublePage?(trouble: ShopTrouble): TroublePage;
};

export type ShopLinkLimits = {
  /** Longest message in either direction. Default 1 MB. */
  readonly messageBytesMax?: number;
  /** Silence on the fan's socket; pings keep it open. Default 50 s, below what common proxies allow. */
  readonly idleTimeoutMs?: number;
};

/** A fan that sends more than this while the shop reads nothing is closed with 1013: its socket can't be paused. */
const heldBytesMax = 4_194_304;
const tryAgainLater = 1013;
const policyViolation = 1008;

/** The handlers of the route whose `upgrade` ends in `upgradeToShop`. */
export function shopLinkBehavior(limits: ShopLinkLimits = {}): WebSocketBehavior<ShopLink> {
  const { messageBytesMax = 1_048_576, idleTimeoutMs = 50_000 } = limits;
  return {
    maxPayloadLength: messageBytesMax,
    // The shop is paused on the first sign of back-pressure; what it had sent by then must fit.
    maxBackpressure: 2 * messageBytesMax + 1_048_576,
    idleTimeout: Math.ceil(idleTimeoutMs / 1000),
    sendPingsAutomatically: true,
    open(ws) {
      ws.getUserData().live.fan = ws;
    },
    message(ws, message, isBinary) {
      const { live, shopSocket } = ws.getUserData();
      live.pass?.onUse(); // WR120
      // The server takes the memory back when this returns.
      const bytes = new Uint8Array(message.slice(0));
      if (live.isHolding) live.heldBytes += bytes.byteLength;
      if (live.heldBytes > heldBytesMax) return void ws.end(tryAgainLater, 'the shop reads too slowly');
      if (!shopSocket.send(bytes, isBinary)) live.isHolding = true;
    },
    drain(ws) {
      if (ws.getBufferedAmount() === 0) ws.getUserData().shopSocket.resume();
    },
    close(ws, code, reason) {
      const link = ws.getUserData();
      link.live.fan = null;
      link.live.unwatch();
      link.shopSocket.close(code, new Uint8Array(reason.slice(0)));
    },
  };
}

export function upgradeToShop(upgrade: ShopUpgrade): void {
  borrowCork(cork => askShop(upgrade, cork));
}

function askShop(upgrade: ShopUpgrade, cork: ForeignCork): void {
  const { res, request, shop, room, passToken, pass } = upgrade;
  const startedAtMs = performance.now();
  let outcomeKnown = false;
  const conclude = (outcome: ShopOutcome) => {
    if (outcomeKnown) return;
    outcomeKnown = true;
    upgrade.onOutcome(outcome);
    // After this turn, in which an accepted fan is upgraded.
    setImmediate(() => cork.release());
  };
  const answered = (status: number) =>
    conclude({ kind: 'answered', status, signature: false, firstByteMs: performance.now() - startedAtMs });
  if (request.life.isOver()) {
    conclude({ kind: 'abandoned' });
    return;
  }
  const { target, headers, peerIp, trustedPeer, secure } = request;
  let link: ShopLink | null = null;
  const shopSocket = shop.openSocket(
    { target, headers, peerIp, trustedPeer, secure, room, passToken },
    {
      open(subprotocol, answerHeaders) {
        if (request.life.isOver()) return;
        answered(101);
        const live: LiveState = { fan: null, heldBytes: 0, isHolding: false, pass, unwatch: () => undefined };
        link = { shopSocket, live };
        acceptFan(upgrade, cork, link, subprotocol, answerHeaders);
        if (pass !== null) watchPass(pass, live);
      },
      refuse(status, answerHeaders, body) {
        answered(status);
        if (!request.life.isOver()) answer(res, status, answerHeaders, upgrade.extraSetCookies, body);
      },
      fail(trouble) {
        conclude(trouble);
        if (request.life.isOver()) return;
        const page = upgrade.troublePage?.(trouble) ?? { status: 502, headers: [], body: '' };
        answer(res, page.status, page.headers, upgrade.extraSetCookies, page.body);
      },
      message: (bytes, isBinary) => sendToFan(link, bytes, isBinary),
      close: (code, reason) => closeFan(link?.live.fan ?? null, code, reason),
      drain() {
        if (link === null) return;
        link.live.heldBytes = 0;
        link.live.isHolding = false;
      },
    },
  );
  request.life.whenOver(() => {
    if (link !== null) return;
    shopSocket.abort();
    conclude({ kind: 'abandoned' });
  });
}

function acceptFan(
  upgrade: ShopUpgrade,
  cork: ForeignCork,
  link: ShopLink,
  subprotocol: string,
  headers: HeaderPairs,
): void {
  const { res, request, context, extraSetCookies } = upgrade;
  const header = (name: string) => request.headers.find(pair => pair[0] === name)?.[1] ?? '';
  res.cork(() => {
    writeHead(res, 101, 'Switching Protocols', headers.filter(isForUpgrade), extraSetCookies);
  });
  // No extensions: neither side compresses, so messages go through as they are.
  cork.run(() => res.upgrade(link, header('sec-websocket-key'), subprotocol, '', context));
}

/** The link goes with its pass, however much is said on it. // WR121 */
function watchPass(pass: LinkPass, live: LiveState): void {
  const unwatch = pass.whenEnded(() => live.fan?.end(policyViolation, 'the pass has ended'));
  if (live.fan === null) unwatch();
  else live.unwatch = unwatch;
}

function isForUpgrade(pair: readonly [name: string, value: string]): boolean {
  return !pair[0].toLowerCase().startsWith('sec-websocket-');
}

function sendToFan(link: ShopLink | null, bytes: Uint8Array, isBinary: boolean): void {
  const fan = link?.live.fan;
  if (link === null || fan === null || fan === undefined) return;
  const sent = fan.send(bytes, isBinary);
  if (sent === 0) link.shopSocket.pause();
  // Dropping a message silently would corrupt the shop's conversation with its fan.
  if (sent === 2) fan.end(tryAgainLater, 'reads too slowly');
}

function closeFan(fan: WebSocket<ShopLink> | null, code: number, reason: Uint8Array): void {
  if (fan === null) return;
  if (code === 1006) return void fan.close();
  if (code === 1005) return void fan.end();
  fan.end(code, reason);
}

function answer(
  res: HttpResponse,
  status: number,
  headers: HeaderPairs,
  setCookies: readonly string[],
  body: string | Uint8Array,
): void {
  res.cork(() => {
    writeHead(res, status, '', headers, setCookies);
    res.end(body, true);
  });
}
