// The devices of bench-push: a process that holds plain TCP sockets speaking just enough WebSocket. Most of them only
// count frames by their length; observers, few to a process so that they never queue behind each other, read each one.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Pool } from 'undici';

export type SocketOrders =
  /** Joins on the way when a ticket is needed for the socket. */
  | {
      readonly kind: 'connect';
      readonly port: number;
      readonly path: string;
      readonly count: number;
      readonly joins: boolean;
      readonly observes: boolean;
    }
  | { readonly kind: 'take' };

/** What the sockets saw since it was last taken. Instants are of the clock of this machine. */
export type Seen = {
  readonly frames: number;
  readonly open: number;
  readonly frameBytes: number;
  /** Each observer's first frame that said "called". */
  readonly called: readonly { readonly number: number; readonly claimByMs: number; readonly heardAtMs: number }[];
  /** Of each observer that waits, when it was told which `ahead`. */
  readonly told: readonly { readonly number: number; readonly ahead: number; readonly heardAtMs: number }[];
};

type Device = { readonly ticket: string; readonly observes: boolean; rest: Buffer; isUp: boolean; isCalled: boolean };

const connectingMax = 32;
/** One for all: what was read is used up or copied before the next socket is read. */
const readBuffer = Buffer.alloc(65_536);
const nothing = Buffer.alloc(0);
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

let frames = 0;
let frameBytes = 0;
let open = 0;
let called: Seen['called'][number][] = [];
let told: Seen['told'][number][] = [];
let gateway: Pool | null = null;

async function connectMany(orders: Extract<SocketOrders, { kind: 'connect' }>): Promise<void> {
  const { port, path, observes } = orders;
  gateway ??= new Pool(`http://127.0.0.1:${port}`, { connections: 16 });
  const pool = gateway;
  let left = orders.count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const ticket = orders.joins ? await joinLine(pool) : '';
      await openSocket(port, path, { ticket, observes, rest: nothing, isUp: false, isCalled: false });
    }
  };
  await Promise.all(Array.from({ length: connectingMax }, work));
}

async function joinLine(pool: Pool): Promise<string> {
  const { body } = await pool.request({ path: '/_junban/v1/tickets', method: 'POST' });
  const { ticket } = (await body.json()) as { ticket: string };
  return ticket;
}

async function claim(ticket: string): Promise<void> {
  const headers = { authorization: `Bearer ${ticket}` };
  const answer = await gateway?.request({ path: '/_junban/v1/passes', method: 'POST', headers });
  await answer?.body.dump();
}

function openSocket(port: number, path: string, device: Device): Promise<void> {
  return new Promise((resolve, reject) => {
    const callback = (length: number): boolean => {
      const chunk = readBuffer.subarray(0, length);
      if (device.isUp) read(socket, device, chunk);
      else if (isAccepted(chunk)) {
        device.isUp = true;
        open += 1;
        resolve();
        read(socket, device, chunk.subarray(chunk.indexOf('\r\n\r\n') + 4));
      } else reject(new Error(`the upgrade was refused: ${chunk.toString('latin1', 0, 200)}`));
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: readBuffer, callback } });
    const ours = `Authorization: Bearer ${device.ticket}\r\nSec-WebSocket-Protocol: junban.v1\r\n`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        `${device.ticket === '' ? '' : ours}\r\n`,
    );
    socket.on('close', () => {
      if (device.isUp) open -= 1;
    });
    socket.on('error', reject);
  });
}

/** Answers come in one piece on loopback. */
function isAccepted(chunk: Buffer): boolean {
  return chunk.toString('latin1', 0, 12) === 'HTTP/1.1 101' && chunk.includes('\r\n\r\n');
}

function read(socket: Socket, device: Device, chunk: Buffer): void {
  const bytes = device.rest.length === 0 ? chunk : Buffer.concat([device.rest, chunk]);
  let at = 0;
  while (bytes.length - at >= 2) {
    const short = (bytes[at + 1] ?? 0) & 127;
    if (short === 126 && bytes.length - at < 4) break;
    const from = at + (short === 126 ? 4 : 2);
    const end = from + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
    if (bytes.length < end) break;
    const opcode = (bytes[at] ?? 0) & 15;
    if (opcode === 9) socket.write(pong);
    if (opcode === 1) {
      frames += 1;
      frameBytes = end - from;
      if (device.observes) observe(device, bytes.toString('utf8', from, end));
    }
    at = end;
  }
  device.rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at));
}

type Status = { readonly number: number; readonly ahead: number; readonly claimBy: string; readonly state: string };

function observe(device: Device, frame: string): void {
  const heardAtMs = Date.now();
  const { number, ahead, claimBy, state } = JSON.parse(frame) as Status;
  if (state === 'waiting') told.push({ number, ahead, heardAtMs });
  if (state !== 'called' || device.isCalled) return;
  device.isCalled = true;
  called.push({ number, claimByMs: Date.parse(claimBy), heardAtMs });
  claim(device.ticket).catch(error => console.error('a claim failed', error));
}

function take(): Seen {
  const seen: Seen = { frames, open, frameBytes, called, told };
  frames = 0;
  called = [];
  told = [];
  return seen;
}

process.on('message', (orders: SocketOrders) => {
  const work = orders.kind === 'take' ? Promise.resolve() : connectMany(orders);
  work.then(
    () => process.send?.({ answer: take() }),
    error => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
