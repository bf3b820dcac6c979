// The devices of bench-push: a process of its own that holds thousands of plain TCP sockets speaking just enough
// WebSocket. It finds frames by their length and parses the JSON of sampled sockets only, so that reading stays cheap.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Pool } from 'undici';

export type SocketOrders =
  | { readonly kind: 'join'; readonly port: number; readonly count: number }
  | { readonly kind: 'connect'; readonly port: number; readonly path: string; readonly count: number }
  | { readonly kind: 'take' };

/** What the sockets saw since it was last taken. Instants are of the clock of this machine. */
export type Seen = {
  readonly frames: number;
  readonly open: number;
  readonly frameBytes: number;
  /** Each device's first frame that said "called". */
  readonly called: readonly { readonly number: number; readonly claimByMs: number; readonly heardAtMs: number }[];
  /** Of each sampled socket, when it was told which `ahead`. */
  readonly told: readonly { readonly number: number; readonly ahead: number; readonly heardAtMs: number }[];
};

const sampleEvery = 19;
const connectingMax = 64;
const stateMark = Buffer.from('"state":"');

type Device = {
  readonly socket: Socket;
  readonly ticket: string;
  readonly isSampled: boolean;
  rest: Buffer;
  isCalled: boolean;
};

let frames = 0;
let frameBytes = 0;
let open = 0;
let called: Seen['called'][number][] = [];
let told: Seen['told'][number][] = [];
let tickets: string[] = [];
let gateway: Pool | null = null;

async function inParallel(count: number, parallel: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: parallel }, work));
}

async function join(port: number, count: number): Promise<void> {
  gateway = new Pool(`http://127.0.0.1:${port}`, { connections: 16 });
  const pool = gateway;
  tickets = [];
  await inParallel(count, 32, async () => {
    const { body } = await pool.request({ path: '/_junban/v1/tickets', method: 'POST' });
    const { ticket } = (await body.json()) as { ticket: string };
    tickets.push(ticket);
  });
}

async function claim(ticket: string): Promise<void> {
  const answer = await gateway?.request({
    path: '/_junban/v1/passes',
    method: 'POST',
    headers: { authorization: `Bearer ${ticket}` },
  });
  await answer?.body.dump();
}

function openSocket(port: number, path: string, ticket: string, isSampled: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const device: Device = { socket, ticket, isSampled, rest: Buffer.alloc(0), isCalled: false };
    const authorization =
      ticket === '' ? '' : `Authorization: Bearer ${ticket}\r\nSec-WebSocket-Protocol: junban.v1\r\n`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${authorization}\r\n`,
    );
    socket.once('data', head => {
      const end = head.indexOf('\r\n\r\n');
      if (end === -1 || !head.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        return reject(new Error(`the upgrade was refused: ${head.toString('latin1', 0, 200)}`));
      }
      open += 1;
      if (end + 4 < head.length) read(device, head.subarray(end + 4));
      socket.on('data', chunk => read(device, chunk));
      resolve();
    });
    socket.on('close', () => {
      open -= 1;
    });
    socket.on('error', reject);
  });
}

function read(device: Device, chunk: Buffer): void {
  const bytes = device.rest.length === 0 ? chunk : Buffer.concat([device.rest, chunk]);
  let at = 0;
  while (bytes.length - at >= 2) {
    const short = (bytes[at + 1] ?? 0) & 127;
    const headBytes = short === 126 ? 4 : 2;
    if (bytes.length - at < headBytes) break;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    const end = at + headBytes + length;
    if (bytes.length < end) break;
    const opcode = (bytes[at] ?? 0) & 15;
    if (opcode === 9) device.socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
    if (opcode === 1) hear(device, bytes, at + headBytes, end);
    at = end;
  }
  device.rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
}

const letterC = 0x63;

function hear(device: Device, bytes: Buffer, from: number, to: number): void {
  frames += 1;
  frameBytes = to - from;
  if (device.ticket === '') return;
  const stateAt = bytes.indexOf(stateMark, from) + stateMark.length;
  const isCall = !device.isCalled && bytes[stateAt] === letterC;
  if (!isCall && !device.isSampled) return;
  const heardAtMs = Date.now();
  const status = JSON.parse(bytes.toString('utf8', from, to)) as {
    number: number;
    ahead: number;
    claimBy: string;
    state: string;
  };
  if (isCall) {
    device.isCalled = true;
    called.push({ number: status.number, claimByMs: Date.parse(status.claimBy), heardAtMs });
    claim(device.ticket).catch(error => console.error('a claim failed', error));
  } else if (status.state === 'waiting') {
    told.push({ number: status.number, ahead: status.ahead, heardAtMs });
  }
}

function take(): Seen {
  const seen: Seen = { frames, open, frameBytes, called, told };
  frames = 0;
  called = [];
  told = [];
  return seen;
}

async function obey(orders: SocketOrders): Promise<unknown> {
  switch (orders.kind) {
    case 'join':
      await join(orders.port, orders.count);
      return null;
    case 'connect':
      await inParallel(orders.count, connectingMax, index =>
        openSocket(orders.port, orders.path, tickets[index] ?? '', tickets.length > 0 && index % sampleEvery === 0),
      );
      return null;
    case 'take':
      return take();
  }
}

process.on('message', (orders: SocketOrders) => {
  obey(orders).then(
    answer => process.send?.({ answer }),
    error => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
