// A small real server that serves the page and speaks its protocol, each answer set by the test: the page's counterpart,
// not a gateway. The story against the real gateway is tested elsewhere.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { buildDrawCheckScript } from '../../../src/page/browser-scripts.ts';
import { loadLanguages } from '../../../src/page/languages.ts';
import { type Look, plainLook } from '../../../src/page/look.ts';
import type { Status } from '../../../src/page/status.ts';
import type { Notice, PageRoom } from '../../../src/page/visit.ts';
import { buildWaitingPage } from '../../../src/page/waiting-page.ts';

export const prefix = '/_junban';

export interface Reply {
  readonly code: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the server does; tests change it while the page is open. */
export interface Script {
  status: Status | null;
  notice: Notice | null;
  sockets: 'accept' | 'refuse';
  events: 'accept' | 'refuse';
  polls: 'accept' | Reply;
  claim: Reply;
  join: Reply;
  leave: Reply;
  extension: Reply;
  facts: Reply;
  /** What the page is told in the lobby. */
  commitment: string | null;
  /** The ticket that the page carries, for browsers without cookies; null: none. */
  ticket: string | null;
  /** What stands at every address once set; null: the page. */
  shop: Reply | null;
}

export interface LineServer {
  readonly origin: string;
  readonly script: Script;
  /** Method and address of every request, in order. */
  readonly requests: string[];
  /** Bodies of the claims. */
  readonly claims: string[];
  /** Their Authorization headers. */
  readonly claimTickets: string[];
  readonly sockets: Set<WebSocket>;
  readonly streams: ReadonlySet<ServerResponse>;
  /** Sets the status and sends it to every socket and event stream. */
  readonly push: (change: Partial<Status>) => void;
  readonly waitForRequest: (pattern: RegExp, after?: number) => Promise<number>;
  readonly stop: () => Promise<void>;
}

export const statusOf = (change: Partial<Status> = {}): Status => ({
  v: 1,
  room: 'sale',
  phase: 'open',
  paused: false,
  state: 'waiting',
  number: 18_204,
  place: 6_011,
  ahead: 5_420,
  total: 18_951,
  etaSeconds: [2_100, 2_900],
  pacePerMinute: 120,
  startsAt: null,
  claimBy: null,
  message: null,
  asOf: new Date().toISOString(),
  checking: false,
  next: 1_000,
  ...change,
});

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
};

const send = (response: ServerResponse, { code, body, headers }: Reply): void => {
  const isText = typeof body === 'string';
  response.writeHead(code, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
};

export const startLineServer = async (room: Partial<PageRoom> = {}, look: Partial<Look> = {}): Promise<LineServer> => {
  const page = await buildWaitingPage({
    prefix,
    room: { id: 'sale', claim: 'confirm', name: 'Summer Festival 2027', ...room },
    look: { ...plainLook, ...look },
  });
  const drawCheck = buildDrawCheckScript(await loadLanguages());
  const script: Script = {
    status: statusOf(),
    notice: null,
    sockets: 'accept',
    events: 'accept',
    polls: 'accept',
    claim: { code: 409, body: { code: 'not-called' } },
    join: { code: 503, headers: { 'retry-after': '1' } },
    leave: { code: 204 },
    extension: { code: 404 },
    facts: { code: 404 },
    commitment: null,
    ticket: null,
    shop: null,
  };
  const requests: string[] = [];
  const claims: string[] = [];
  const claimTickets: string[] = [];
  const watchers = new Set<() => void>();
  const streams = new Set<ServerResponse>();

  const servePage = (request: IncomingMessage, response: ServerResponse): void => {
    const cookie = /junban-language=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
    const language = page.negotiateLanguage(request.headers['accept-language'] ?? '', cookie);
    const rendering = { language, encoding: 'gzip', returnTo: request.url ?? '/' } as const;
    const { status, notice, ticket } = script;
    const body =
      notice === null && status !== null
        ? page.render({
            ...rendering,
            status,
            nowMs: Date.now(),
            ...(script.commitment !== null && { commitment: script.commitment }),
            ...(ticket !== null && { ticket }),
          })
        : page.renderNotice({ kind: 'busy', ...notice, ...rendering });
    response.writeHead(200, Object.fromEntries(page.headers(rendering)));
    response.end(Buffer.from(body));
  };

  /** The answer to the form of a page without JavaScript. */
  const serveGoOn = (response: ServerResponse): void => {
    const rendering = { language: 'en', encoding: 'gzip' } as const;
    const status = statusOf({ state: 'admitted', ahead: 0 });
    const body = page.render({ ...rendering, status, returnTo: '/shop?day=1', nowMs: Date.now(), goesOn: true });
    response.writeHead(200, Object.fromEntries(page.headers(rendering)));
    response.end(Buffer.from(body));
  };

  const serveEvents = (response: ServerResponse): void => {
    if (script.events === 'refuse') return send(response, { code: 503 });
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`data: ${JSON.stringify(script.status)}\n\n`);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = request;
    const path = url.split('?')[0];
    requests.push(`${method} ${url}`);
    for (const watcher of watchers) watcher();
    if (!url.startsWith(`${prefix}/`)) {
      if (script.shop === null) servePage(request, response);
      else send(response, script.shop);
      return;
    }
    if (path === `${prefix}/v1/tickets/current/events`) return serveEvents(response);
    if (path === `${prefix}/v1/passes`) {
      claims.push(await readBody(request));
      claimTickets.push(request.headers.authorization ?? '');
      if (request.headers['content-type'] === 'application/x-www-form-urlencoded') return serveGoOn(response);
      return send(response, script.claim);
    }
    if (path === `${prefix}/v1/tickets`) return send(response, script.join);
    if (path === `${prefix}/v1/tickets/current/extension`) return send(response, script.extension);
    if (path?.startsWith(`${prefix}/v1/rooms/`)) return send(response, script.facts);
    if (path === `${prefix}/v1/draw-check.js`) {
      response.writeHead(200, { 'content-type': 'text/javascript', 'content-security-policy': "default-src 'none'" });
      response.end(drawCheck.body);
      return;
    }
    if (method === 'DELETE') return send(response, script.leave);
    send(response, script.polls === 'accept' ? { code: 200, body: script.status } : script.polls);
  };

  const server = createServer((request, response) => void serve(request, response));
  const socketServer = new WebSocketServer({ noServer: true, handleProtocols: () => 'junban.v1' });
  server.on('upgrade', (request, socket, head) => {
    requests.push(`UPGRADE ${request.url}`);
    for (const watcher of watchers) watcher();
    if (script.sockets === 'refuse') {
      socket.destroy();
      return;
    }
    socketServer.handleUpgrade(request, socket, head, client => {
      socketServer.emit('connection', client);
      client.send(JSON.stringify(script.status));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    script,
    requests,
    claims,
    claimTickets,
    sockets: socketServer.clients,
    streams,
    push: change => {
      script.status = { ...(script.status ?? statusOf()), asOf: new Date().toISOString(), ...change };
      const frame = JSON.stringify(script.status);
      for (const client of socketServer.clients) client.send(frame);
      for (const stream of streams) stream.write(`data: ${frame}\n\n`);
    },
    waitForRequest: (pattern, after = 0) =>
      new Promise(resolve => {
        const look = (): void => {
          const found = requests.findIndex((request, index) => index >= after && pattern.test(request));
          if (found < 0) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    stop: async () => {
      for (const client of socketServer.clients) client.terminate();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
};
