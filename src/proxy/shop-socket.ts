// A WebSocket from us to the shop, opened for one fan. Messages, close codes and back-pressure go through as they are;
// pings are answered on each side by itself. The fan's half is left to the gateway.

import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { headersToFan, headersToShop } from './forwarded-headers.ts';
import { codeOf } from './forwarding.ts';
import { nameRequest } from './request-trace.ts';
import { openSendGate } from './send-gate.ts';
import type { HeaderPairs, ShopSocket, ShopSocketEvents, ShopTrouble, ShopVisit } from './shop-port.ts';

export type ShopSocketSettings = {
  readonly origin: string;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly messageBytesMax: number;
  readonly verifyCertificate: boolean;
};

/** Above this `send` says stop, below a half of it `drain` says go on. */
const heldBytesMax = 262_144;
const refusalBytesMax = 65_536;
const closeGraceMs = 5_000;
const goingAway = 1001;

/** A socket as the shop's side holds it. */
export type LeavingSocket = ShopSocket & {
  /** This gateway stops: both sides are told, whatever state the socket is in. // PX61 */
  leave(): void;
};

export function openShopSocket(
  settings: ShopSocketSettings,
  visit: ShopVisit,
  events: ShopSocketEvents,
  closed: () => void,
): LeavingSocket {
  const { pairs } = headersToShop(visit.headers, visit, visit.room, visit.passToken);
  const { requestId, added } = nameRequest(pairs);
  const fail = (trouble: ShopTrouble) => events.fail({ ...trouble, requestId });
  let state: 'opening' | 'open' | 'over' = 'opening';
  let headers: HeaderPairs = [];
  const finish = () => {
    if (state === 'over') return false;
    state = 'over';
    closed();
    return true;
  };
  let socket: WebSocket;
  try {
    socket = new WebSocket(settings.origin.replace(/^http/, 'ws') + visit.target, subprotocols(visit.headers), {
      headers: grouped([...pairs, ...added]),
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: settings.connectTimeoutMs + settings.firstByteTimeoutMs,
      maxPayload: settings.messageBytesMax,
      rejectUnauthorized: settings.verifyCertificate,
    });
  } catch (error) {
    queueMicrotask(() => {
      if (finish()) fail({ kind: 'bad-request', answered: false, detail: String(error) });
    });
    return deadSocket;
  }
  socket.binaryType = 'nodebuffer';

  socket.on('upgrade', response => {
    headers = headersToFan(pairsOf(response)).pairs;
  });
  socket.on('open', () => {
    if (state !== 'opening') return;
    state = 'open';
    events.open(socket.protocol, headers);
  });
  socket.on('unexpected-response', (_, response) => {
    collectRefusal(response, body => {
      if (finish()) events.refuse(response.statusCode ?? 502, headersToFan(pairsOf(response)).pairs, body);
      socket.terminate();
    });
  });
  socket.on('message', (data, isBinary) => {
    if (state === 'open' && data instanceof Buffer) events.message(data, isBinary);
  });
  socket.on('error', error => {
    if (state === 'opening' && finish()) fail(openingTrouble(error));
  });
  socket.on('close', (code, reason) => {
    if (state === 'open' && finish()) events.close(code, reason);
    else if (finish()) fail({ kind: 'broken', answered: false, detail: 'closed while it was being opened' });
  });

  const heldBytes = () => socket.bufferedAmount;
  const gate = openSendGate(heldBytesMax, heldBytes, () => {
    if (state === 'open') events.drain();
  });
  const close = (code: number, reason: Uint8Array) => {
    if (!finish()) return;
    socket.resume();
    if (code === 1006) return socket.terminate();
    if (code === 1005) socket.close();
    else socket.close(code, Buffer.from(reason));
    const cut = setTimeout(() => socket.terminate(), closeGraceMs);
    socket.once('close', () => clearTimeout(cut));
  };
  return {
    send(bytes, isBinary) {
      if (state !== 'open') return true;
      socket.send(bytes, { binary: isBinary }, () => gate.afterWrite());
      return gate.afterSend();
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close,
    abort() {
      finish();
      socket.terminate();
    },
    leave() {
      if (state === 'open') {
        events.close(goingAway, new Uint8Array());
        // Unless the fan's end has done so by now.
        close(goingAway, new Uint8Array());
      } else if (finish()) {
        socket.terminate();
        fail({ kind: 'broken', answered: false, detail: 'this gateway stops' });
      }
    },
  };
}

const nothing = () => undefined;
const deadSocket: LeavingSocket = {
  send: () => true,
  pause: nothing,
  resume: nothing,
  close: nothing,
  abort: nothing,
  leave: nothing,
};

function subprotocols(headers: HeaderPairs): string[] {
  const offered = headers.filter(pair => pair[0].toLowerCase() === 'sec-websocket-protocol');
  const names = offered.flatMap(pair => pair[1].split(',')).map(name => name.trim());
  return [...new Set(names.filter(name => name !== ''))];
}

function grouped(pairs: HeaderPairs): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    const before = record[name];
    record[name] = before === undefined ? value : [before, value].flat();
  }
  return record;
}

function pairsOf(response: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < response.rawHeaders.length; index += 2) {
    pairs.push([response.rawHeaders[index] ?? '', response.rawHeaders[index + 1] ?? '']);
  }
  return pairs;
}

function collectRefusal(response: IncomingMessage, done: (body: Uint8Array) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    if (bytes < refusalBytesMax) chunks.push(chunk.subarray(0, refusalBytesMax - bytes));
    bytes += chunk.length;
  });
  // Whatever ended it, what came is passed on: the status is what counts.
  response.once('close', () => done(Buffer.concat(chunks)));
}

function openingTrouble(error: Error): ShopTrouble {
  const detail = error.message;
  if (detail === 'Opening handshake has timed out') return { kind: 'timed-out', answered: false, detail };
  const code = codeOf(error);
  if (code === 'ECONNRESET') return { kind: 'broken', answered: false, detail };
  return { kind: code === '' || code.startsWith('HPE_') ? 'bad-answer' : 'refused', answered: false, detail };
}
