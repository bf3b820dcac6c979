// What stays open: the WebSocket echo at /live and the stock's event stream. Neither costs the shop's workers anything.
import type { Server, ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import { stockFacts } from './api.ts';
import type { Stock } from './stock.ts';

const eventEveryMsLeast = 250;
const heartbeatMs = 15_000;
const messageBytesMax = 65_536;

/** Echoes every message in kind (text or binary). Returns how to end all sockets. */
export function attachEcho(server: Server): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax });
  server.on('upgrade', (request, socket, head) => {
    if ((request.url ?? '').split('?', 1)[0] !== '/live') {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, live => {
      live.on('message', (data, isBinary) => live.send(data, { binary: isBinary }));
      // A broken frame closes the socket by itself; there is nothing to add.
      live.on('error', () => live.terminate());
    });
  });
  return () => {
    for (const live of sockets.clients) live.terminate();
  };
}

/** Sends the stock at once, then whenever it has changed, at most four times a second. */
export function streamStock(response: ServerResponse, stock: Stock): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-demo-shop': 'api' });
  let pending: NodeJS.Timeout | undefined;
  const send = (): void => {
    pending = undefined;
    response.write(`event: stock\ndata: ${JSON.stringify(stockFacts(stock, Date.now()))}\n\n`);
  };
  const stopListening = stock.onChange(() => {
    pending ??= setTimeout(send, eventEveryMsLeast);
  });
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
  response.once('close', () => {
    stopListening();
    clearTimeout(pending);
    clearInterval(heartbeat);
  });
  send();
}
