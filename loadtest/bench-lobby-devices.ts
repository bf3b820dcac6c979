// The devices of bench-lobby: a process that plays so many of them, each with a connection of its own. Before the opening
// each is told when to come; then it joins, and follows over a socket, on the same connection.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

export type LobbyOrders = {
  readonly port: number;
  readonly devices: number;
  /** When the first joins, and how long after that the last one does; spread evenly at random. */
  readonly fromMs: number;
  readonly spreadMs: number;
};

export type LobbySeen = {
  /** How many answers to joining had which status; 0: the connection failed. */
  readonly codes: Readonly<Record<string, number>>;
  readonly numbers: readonly number[];
  /** From asking, the connection included, to the answer, whatever it said. */
  readonly answerMs: readonly number[];
  /** From the ticket to the first frame. */
  readonly frameMs: readonly number[];
  /** When the last device had its first frame, from `fromMs` on. */
  readonly doneMs: number;
};

const codes: Record<string, number> = {};
const numbers: number[] = [];
const answerMs: number[] = [];
const frameMs: number[] = [];
const triesMax = 10;

type Outcome = { readonly kind: 'following' | 'failed' } | { readonly kind: 'again'; readonly afterMs: number };

/** One try of one device, on a connection of its own. */
function play(port: number): Promise<Outcome> {
  return new Promise(settle => {
    let sinceMs = performance.now();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    let isJoining = true;
    let isFollowing = false;
    const hear = (code: number): void => {
      isJoining = false;
      codes[code] = (codes[code] ?? 0) + 1;
      answerMs.push(performance.now() - sinceMs);
      sinceMs = performance.now();
    };
    const fail = () => {
      if (isJoining) hear(0);
      settle({ kind: 'failed' });
    };
    socket.on('error', fail);
    socket.on('close', fail);
    socket.on('data', chunk => {
      if (isFollowing) return;
      text += chunk.toString('latin1');
      if (!isJoining) {
        if (!firstFrame.test(text)) return;
        isFollowing = true;
        frameMs.push(performance.now() - sinceMs);
        return settle({ kind: 'following' });
      }
      const body = bodyOf(text);
      if (body === null) return;
      hear(Number(text.slice(9, 12)));
      if (text.startsWith('HTTP/1.1 201')) {
        const { ticket, status } = JSON.parse(body) as { ticket: string; status: { number: number } };
        numbers.push(status.number);
        text = '';
        socket.write(upgradeOf(port, ticket));
        return;
      }
      settle({ kind: 'again', afterMs: Number(/retry-after: (\d+)/i.exec(text)?.[1] ?? 1) * 1_000 * Math.random() });
      socket.destroy();
    });
    socket.write(`POST /_junban/v1/tickets HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 0\r\n\r\n`);
  });
}

const firstFrame = /^HTTP\/1\.1 101.*?\r\n\r\n.{4}/s;

async function follow(port: number): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const outcome = await play(port);
    if (outcome.kind !== 'again') return;
    await until(Date.now() + outcome.afterMs);
  }
}

const until = (atMs: number): Promise<void> => new Promise(settle => setTimeout(settle, atMs - Date.now()));

/** Null: not all of it is there. */
function bodyOf(text: string): string | null {
  const at = text.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
  return at >= 0 && text.length >= at + 4 + length ? text.slice(at + 4, at + 4 + length) : null;
}

const upgradeOf = (port: number, ticket: string): string =>
  `GET /_junban/v1/socket?room=sale HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
  `Sec-WebSocket-Protocol: junban.v1\r\nAuthorization: Bearer ${ticket}\r\n\r\n`;

process.on('message', async ({ port, devices, fromMs, spreadMs }: LobbyOrders) => {
  const playing = Array.from({ length: devices }, async () => {
    await until(fromMs + Math.random() * spreadMs);
    await follow(port);
  });
  await Promise.all(playing);
  const seen: LobbySeen = { codes, numbers, answerMs, frameMs, doneMs: Date.now() - fromMs };
  process.send?.(seen);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
