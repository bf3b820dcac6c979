// A real node:http shop that keeps every request it was sent, as parsed and byte by byte, and answers as a test wants.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';

export type RecordedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
};

export type ShopAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** What the shop answers; null: nothing, and the connection stays open. */
export type Answering = (request: RecordedRequest) => ShopAnswer | null | Promise<ShopAnswer | null>;

const echoes = new WebSocketServer({ noServer: true });

const page: ShopAnswer = { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>the shop</h1>' };

export class RecordingShop {
  readonly requests: RecordedRequest[] = [];
  /** Requests that became WebSockets; the shop sends back whatever it is sent there. */
  readonly upgrades: Pick<RecordedRequest, 'url' | 'headers'>[] = [];
  /** These WebSockets, in the same order. */
  readonly links: WebSocket[] = [];
  /** Set by tests; the default is a small page. */
  answer: Answering = () => page;
  readonly #connections = new Map<Socket, Buffer[]>();
  readonly #received: Buffer[][] = [];
  #server: Server | null = null;
  #port = 0;

  static async start(): Promise<RecordingShop> {
    const shop = new RecordingShop();
    await shop.open();
    return shop;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The bytes of each connection that was ever made to the shop. */
  get connectionBytes(): readonly Buffer[] {
    return this.#received.map(chunks => Buffer.concat(chunks));
  }

  /** Listens, after `close` on the same port as before. */
  async open(): Promise<void> {
    const server = createServer(async (request, response) => {
      const { method = '', url = '', headers, rawHeaders } = request;
      const recorded = { method, url, headers, rawHeaders, body: await buffer(request) };
      this.requests.push(recorded);
      send(response, await this.answer(recorded));
    });
    server.on('upgrade', (request, socket, head) => {
      const { url = '', headers } = request;
      this.upgrades.push({ url, headers });
      echoes.handleUpgrade(request, socket, head, link => {
        this.links.push(link);
        link.on('message', (data, isBinary) => link.send(data, { binary: isBinary }));
      });
    });
    server.on('connection', (socket: Socket) => this.#record(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** The shop is down: nobody listens, and every connection is cut. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#connections.keys()) socket.destroy();
    await closed;
  }

  /** The requests to one path, without its query. */
  requestsTo(path: string): readonly RecordedRequest[] {
    return this.requests.filter(({ url }) => url.split('?')[0] === path);
  }

  #record(socket: Socket): void {
    const chunks: Buffer[] = [];
    this.#received.push(chunks);
    this.#connections.set(socket, chunks);
    socket.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
  }
}

function send(response: ServerResponse, answer: ShopAnswer | null): void {
  if (answer === null) return;
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body ?? '');
}
