// A real gateway half (uWebSockets.js, the exchange under test) in front of a real node:http shop, for the proxy's tests.

import { App, type HttpResponse, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { copyRequest } from '../../../src/gateway/copied-request.ts';
import type { TroublePage } from '../../../src/gateway/fan-answer.ts';
import { forwardToShop } from '../../../src/gateway/shop-exchange.ts';
import { type ShopLink, shopLinkBehavior, upgradeToShop } from '../../../src/gateway/shop-upgrade.ts';
import { openShop, type ShopOptions } from '../../../src/proxy/shop.ts';
import type { ShopOutcome, ShopTrouble } from '../../../src/proxy/shop-port.ts';

export type ProxyStand = {
  readonly port: number;
  readonly outcomes: ShopOutcome[];
  readonly commands: string[];
  nextOutcome(): Promise<ShopOutcome>;
  inFlight(): number;
  /** What the end of a gateway does first. */
  closeShop(graceMs?: number): Promise<void>;
  close(): Promise<void>;
};

const troublePage = (trouble: ShopTrouble): TroublePage => ({
  status: trouble.kind === 'timed-out' ? 504 : 502,
  headers: [['content-type', 'application/problem+json']],
  body: JSON.stringify({ code: trouble.kind }),
});

export async function startStand(options: ShopOptions, setCookies: string[] = []): Promise<ProxyStand> {
  const shop = openShop(options);
  const outcomes: ShopOutcome[] = [];
  const commands: string[] = [];
  const waiting: ((outcome: ShopOutcome) => void)[] = [];
  const onOutcome = (outcome: ShopOutcome) => {
    outcomes.push(outcome);
    waiting.shift()?.(outcome);
  };
  const facts = () => ({ trustedPeer: false, secure: false });
  const shared = {
    shop,
    room: 'sale',
    passToken: 'the-token',
    pass: null,
    extraSetCookies: setCookies,
    onOutcome,
    troublePage,
  };
  let stop: () => void = () => undefined;
  const app = App()
    .any('/*', (res: HttpResponse, req) => {
      const request = copyRequest(res, req, facts);
      forwardToShop({ ...shared, res, request, rank: 'inside', onCommand: command => commands.push(command) });
    })
    .ws<ShopLink>('/*', {
      ...shopLinkBehavior(),
      upgrade(res, req, context) {
        upgradeToShop({ ...shared, res, request: copyRequest(res, req, facts), context });
      },
    });
  const port = await new Promise<number>((resolve, reject) => {
    app.listen('127.0.0.1', 0, socket => {
      if (socket === false) return reject(new Error('no port'));
      stop = () => us_listen_socket_close(socket);
      resolve(us_socket_local_port(socket));
    });
  });
  return {
    port,
    outcomes,
    commands,
    nextOutcome: () => new Promise(resolve => waiting.push(resolve)),
    inFlight: () => shop.inFlight(),
    closeShop: graceMs => shop.close(graceMs),
    async close() {
      stop();
      app.close();
      await shop.close();
    },
  };
}

export type TestShop = { readonly origin: string; readonly server: http.Server; close(): void };

export async function startShop(
  handler: http.RequestListener,
  upgrade?: (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<TestShop> {
  const server = http.createServer(handler);
  if (upgrade !== undefined) server.on('upgrade', upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${portOf(server)}`,
    server,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

/** A shop that answers with raw bytes, whatever it is asked. */
export async function startRawShop(serve: (socket: net.Socket, asked: Buffer) => void) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', asked => serve(socket, asked));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${portOf(server)}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

export type Answer = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly raw: string[];
  readonly body: Buffer;
};

export async function ask(
  port: number,
  options: http.RequestOptions = {},
  body?: Buffer | AsyncIterable<Buffer>,
): Promise<Answer> {
  const request = http.request({ host: '127.0.0.1', port, agent: false, ...options });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  if (body instanceof Buffer) request.end(body);
  else if (body === undefined) request.end();
  else {
    void (async () => {
      for await (const chunk of body) if (!request.write(chunk)) await once(request, 'drain');
      request.end();
    })();
  }
  const [response] = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    raw: response.rawHeaders,
    body: Buffer.concat(chunks),
  };
}
