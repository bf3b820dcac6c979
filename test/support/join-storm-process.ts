// Joins that arrive at a fixed rate whatever becomes of them, in a process of its own: each tick sends its share over
// connections that are free, and opens more where none is. What was answered is told every 100 ms.

import { connect, type Socket } from 'node:net';
import type { JoinStormOrder, JoinStormTally } from './join-storm.ts';

const tickMs = 10;
const tellPeriodMs = 100;
const latestMax = 64;

const tally = { sent: 0, joined: 0, refused: 0, other: 0, broken: 0, unsent: 0, connections: 0 };
const free: Socket[] = [];
/** The last statuses, with their instants: tells when joins were answered again. */
let firstJoinedAtMs: number | null = null;
let latest: number[] = [];

process.once('message', (order: JoinStormOrder) => storm(order));
process.on('message', message => {
  if (message === 'mark') firstJoinedAtMs = null;
});
process.once('disconnect', () => process.exit(0));

function storm({ port, host, path, perSecond, connectionsMax }: JoinStormOrder): void {
  const request = `POST ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-length: 0\r\n\r\n`;
  const startedAtMs = performance.now();
  const open = () => {
    tally.connections += 1;
    const socket = connect({ port, host, noDelay: true });
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', chunk => {
      text += chunk;
      const end = endOfAnswer(text);
      if (end === null) return;
      count(Number(text.slice(9, 12)));
      text = text.slice(end);
      free.push(socket);
    });
    socket.on('close', () => {
      tally.connections -= 1;
      const index = free.indexOf(socket);
      if (index >= 0) free.splice(index, 1);
    });
    // As when a connection that was not used for long is closed while a request is on its way.
    socket.on('error', () => {
      tally.broken += 1;
    });
    return socket;
  };
  setInterval(() => {
    const due = Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000);
    while (tally.sent + tally.unsent < due) {
      const socket = free.pop() ?? (tally.connections < connectionsMax ? open() : null);
      if (socket === null) {
        tally.unsent += 1;
        continue;
      }
      tally.sent += 1;
      socket.write(request);
    }
  }, tickMs);
  setInterval(tell, tellPeriodMs);
}

function count(status: number): void {
  if (status === 201) {
    tally.joined += 1;
    firstJoinedAtMs ??= Date.now();
  } else if (status === 503) tally.refused += 1;
  else tally.other += 1;
  if (latest.length < latestMax && status !== 201 && status !== 503) latest.push(status);
}

function tell(): void {
  process.send?.({ ...tally, firstJoinedAtMs, odd: latest } satisfies JoinStormTally);
  latest = [];
}

/** Where the first answer ends; null while it is not whole. */
function endOfAnswer(text: string): number | null {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const bytes = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  const end = head + 4 + bytes;
  return text.length < end ? null : end;
}
