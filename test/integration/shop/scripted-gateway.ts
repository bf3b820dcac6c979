// A stand-in that speaks the gateway's public interface by a script, so that tests can put simulated fans into situations that a
// healthy gateway never makes. It keeps no promises: everybody is called after the same time, nothing is signed.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface Script {
  /** The status of a ticket, by its age. */
  state: (ageMs: number) => string;
  /** Asked first for every request: an answer to give in place of the real one. */
  instead: (method: string, path: string) => { readonly status: number; readonly body: string } | undefined;
}

export interface ScriptedGateway {
  readonly url: string;
  readonly requests: readonly string[];
  /** Closes every socket with a code and a reason, as a gateway does before a restart. */
  closeSockets(code: number, reason: string): void;
  /** Sockets and event streams open now. */
  following(): number;
  /** Connections of any kind open now. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

export async function openScriptedGateway(script: Script, shopUrl: string): Promise<ScriptedGateway> {
  const joinedAtMs: number[] = [];
  const requests: string[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const streams = new Set<ServerResponse>();

  const statusOf = (number: number): string => {
    const state = script.state(Date.now() - (joinedAtMs[number] ?? 0));
    const asOf = new Date().toISOString();
    return JSON.stringify({
      v: 1,
      room: 'sale',
      phase: 'open',
      state,
      number,
      place: number,
      ahead: 0,
      asOf,
      next: 300,
    });
  };
  const numberOf = (request: IncomingMessage): number =>
    Number(/junban-ticket-sale=(\d+)/.exec(request.headers.cookie ?? '')?.[1] ?? -1);

  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const call = `${request.method} ${path}`;
    requests.push(call);
    const instead = script.instead(request.method ?? '', path);
    if (instead !== undefined) return void response.writeHead(instead.status).end(instead.body);
    const number = numberOf(request);
    const state = script.state(Date.now() - (joinedAtMs[number] ?? 0));
    switch (call) {
      case 'GET /_junban/v1/tickets/current':
        return void response.end(statusOf(number));
      case 'DELETE /_junban/v1/tickets/current':
        return void response.writeHead(204).end();
      case 'GET /_junban/v1/tickets/current/events':
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        streams.add(response);
        response.once('close', () => streams.delete(response));
        return void response.write(`data: ${statusOf(number)}\n\n`);
      case 'POST /_junban/v1/passes':
        if (state === 'waiting') return void response.writeHead(409).end('{}');
        if (state !== 'called') return void response.writeHead(202).end(statusOf(number));
        response.writeHead(201, { 'set-cookie': 'junban-pass-sale=pass; Path=/' });
        return void response.end(JSON.stringify({ pass: 'pass', returnTo: '/' }));
    }
    if (request.headers.cookie?.includes('junban-pass-sale=')) return forward(request, response, shopUrl);
    if (number >= 0) return void response.end('<p>line</p>');
    joinedAtMs.push(Date.now());
    response.writeHead(200, { 'set-cookie': `junban-ticket-sale=${joinedAtMs.length - 1}; Path=/; HttpOnly` });
    response.end('<p>line</p>');
  });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, live => live.send(statusOf(numberOf(request))));
  });
  const ticker = setInterval(() => {
    for (const stream of streams) if (joinedAtMs.length > 0) stream.write(`data: ${statusOf(0)}\n\n`);
    for (const live of sockets.clients) live.send(statusOf(0));
  }, 50);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    requests,
    closeSockets: (code, reason) => {
      for (const live of sockets.clients) live.close(code, reason);
    },
    following: () => sockets.clients.size + streams.size,
    connections: () => new Promise(settle => server.getConnections((_error, count) => settle(count))),
    stop: async () => {
      clearInterval(ticker);
      for (const live of sockets.clients) live.terminate();
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function forward(request: IncomingMessage, response: ServerResponse, shopUrl: string): void {
  const { method, headers } = request;
  const toShop = httpRequest(new URL(request.url ?? '/', shopUrl), { method, headers }, fromShop => {
    response.writeHead(fromShop.statusCode ?? 502, fromShop.headers);
    fromShop.pipe(response);
  });
  toShop.on('error', () => response.destroy());
  request.pipe(toShop);
}
