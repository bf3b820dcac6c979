// Connections that a test holds open by the byte, and a well-behaved neighbour who is measured beside them.

import { connect, type Socket } from 'node:net';
import { bytesOf, requestText, sendRaw } from '../../support/raw-http.ts';
import { cookiePairs, percentile99, type Stand } from './stand.ts';

/** Before malformed, slow or silent clients the server's timer is 10 s, and its sweep takes up to 4 s more. */
const cutMsMax = 20_000;

/** What asks for a WebSocket, but for who asks. */
export const upgradeHeaders = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

export const head = (line: string, headers: readonly string[] = []): string =>
  requestText(`${line} HTTP/1.1`, ['Host: shop.test', ...headers]);

export function openRaw(port: number, text: string): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined); // Being cut off is what is waited for.
  socket.write(bytesOf(text));
  return socket;
}

/** Settles when the server has ended it; gives how long that took. */
export const closed = (socket: Socket, withinMs = cutMsMax): Promise<number> =>
  new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    const late = setTimeout(() => reject(new Error('the connection was not ended')), withinMs);
    socket.on('close', () => {
      clearTimeout(late);
      resolve(performance.now() - startedAtMs);
    });
  });

/** A new device's ticket as a Cookie header's value. */
export async function joinRaw(port: number): Promise<string> {
  const answer = await sendRaw(port, head('POST /_junban/v1/tickets', ['Content-Length: 0']));
  return cookiePairs(answer.headers.get('set-cookie') ?? '');
}

/** Runs `act` and tells how long a neighbour waited meanwhile. */
export async function besideNeighbour<Result>(
  stand: Stand,
  act: () => Promise<Result>,
): Promise<{ result: Result; p99Ms: number }> {
  let isOver = false;
  const waits: number[] = [];
  const beside = (async () => {
    while (!isOver || waits.length < 20) {
      waits.push(await stand.neighbourMs());
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  })();
  const result = await act().finally(() => {
    isOver = true;
  });
  await beside;
  return { result, p99Ms: percentile99(waits) };
}
