// The devices of bench-start: a process that holds up to 19,000 of them as plain TCP sockets. Each takes its ticket and
// follows the line on one connection, and notes when it was first told its place. Does as little else as it can, because
// it shares the cores with the gateways.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export type StartOrders =
  /** Answered when all follow. */
  { readonly kind: 'connect'; readonly port: number; readonly count: number } | { readonly kind: 'take' };

/** Instants are of the clock of this machine. Nothing but what was told since the connecting. */
export type Placed = {
  readonly places: readonly number[];
  readonly heardAtMs: readonly number[];
  readonly open: number;
};

type Device = { state: 'joining' | 'upgrading' | 'following' | 'placed'; rest: Buffer };

const connectingMax = 48;
/** One for all: what was read is used up or copied before the next socket is read. */
const readBuffer = Buffer.alloc(65_536);
const nothing = Buffer.alloc(0);
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const endOfHead = Buffer.from('\r\n\r\n');
const ticketKey = Buffer.from('"ticket":"');
const placeKey = Buffer.from('"place":');
const nullStart = 'n'.charCodeAt(0);

const places: number[] = [];
const heardAtMs: number[] = [];
let open = 0;

async function connectMany(port: number, count: number): Promise<void> {
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await follow(port);
    }
  };
  await Promise.all(Array.from({ length: connectingMax }, work));
}

/** Settles when the device follows. */
function follow(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const device: Device = { state: 'joining', rest: nothing };
    const callback = (length: number): boolean => {
      const chunk = readBuffer.subarray(0, length);
      const bytes = device.rest.length === 0 ? chunk : Buffer.concat([device.rest, chunk]);
      const used = read(socket, device, bytes, resolve);
      if (used < 0) reject(new Error(`refused: ${bytes.toString('latin1', 0, 200)}`));
      device.rest = used >= bytes.length ? nothing : Buffer.from(bytes.subarray(Math.max(0, used)));
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: readBuffer, callback } });
    socket.on('error', reject);
    socket.on('close', () => {
      open -= 1;
    });
    open += 1;
    socket.write('POST /_junban/v1/tickets?room=sale HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n');
  });
}

/** How many bytes were used up; below zero: the gateway refused. */
function read(socket: Socket, device: Device, bytes: Buffer, onFollowing: () => void): number {
  switch (device.state) {
    case 'joining': {
      const at = bytes.indexOf(ticketKey);
      if (at < 0) return bytes.length > 12 && bytes.toString('latin1', 9, 12) !== '201' ? -1 : 0;
      // The rest of the answer came in the same piece, as everything does on loopback.
      const end = bytes.indexOf('"', at + ticketKey.length);
      device.state = 'upgrading';
      socket.write(upgradeWith(bytes.toString('latin1', at + ticketKey.length, end)));
      return bytes.length;
    }
    case 'upgrading': {
      const at = bytes.indexOf(endOfHead);
      if (at < 0) return 0;
      if (bytes.toString('latin1', 9, 12) !== '101') return -1;
      device.state = 'following';
      onFollowing();
      return at + 4 + readFrames(socket, device, bytes.subarray(at + 4));
    }
    default:
      return readFrames(socket, device, bytes);
  }
}

function readFrames(socket: Socket, device: Device, bytes: Buffer): number {
  let at = 0;
  while (bytes.length - at >= 2) {
    const short = (bytes[at + 1] ?? 0) & 127;
    if (short === 126 && bytes.length - at < 4) break;
    const from = at + (short === 126 ? 4 : 2);
    const end = from + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
    if (bytes.length < end) break;
    const opcode = (bytes[at] ?? 0) & 15;
    if (opcode === 9) socket.write(pong);
    if (opcode === 1 && device.state === 'following') notePlace(device, bytes, from);
    at = end;
  }
  return at;
}

function notePlace(device: Device, bytes: Buffer, from: number): void {
  const at = bytes.indexOf(placeKey, from) + placeKey.length;
  if (bytes[at] === nullStart) return;
  device.state = 'placed';
  heardAtMs.push(Date.now());
  places.push(Number.parseInt(bytes.toString('latin1', at, at + 9), 10));
}

const upgradeWith = (ticket: string): string =>
  'GET /_junban/v1/socket?room=sale HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
  `Sec-WebSocket-Protocol: junban.v1\r\nAuthorization: Bearer ${ticket}\r\n\r\n`;

process.on('message', (orders: StartOrders) => {
  const work = orders.kind === 'take' ? Promise.resolve() : connectMany(orders.port, orders.count);
  work.then(
    () => process.send?.({ answer: { places, heardAtMs, open } satisfies Placed }),
    error => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
