// HTTP by the byte: a client that sends what no client library would, and a shop that keeps every byte it was sent.
// Which bytes are odd and what must come of them is left to the tests.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export type RawAnswer = {
  /** 0: none came. */
  readonly status: number;
  /** Names in lower case; repeated ones joined by line feeds. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Everything that came, byte by byte. */
  readonly text: string;
  /** The other side ended the connection. */
  readonly isClosed: boolean;
};

export type SendOptions = {
  /** Waits for the end of the connection rather than for one whole answer. */
  readonly untilClosed?: boolean;
  /** Gives up waiting; what came until then is the answer. */
  readonly withinMs?: number;
  readonly host?: string;
};

/** Bytes as they are written in a test: one character is one byte. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Sends bytes on a connection of their own and reads the answer. */
export async function sendRaw(port: number, text: string | Buffer, options: SendOptions = {}): Promise<RawAnswer> {
  const { untilClosed = false, withinMs = 15_000, host = '127.0.0.1' } = options;
  const socket = connect(port, host);
  socket.on('error', () => undefined); // A reset is an end like any other here.
  let received = '';
  let isClosed = false;
  const done = new Promise<void>(resolve => {
    const giveUp = setTimeout(resolve, withinMs);
    socket.on('data', data => {
      received += data.toString('latin1');
      if (!untilClosed && isWhole(received)) resolve();
    });
    socket.on('close', () => {
      isClosed = true;
      clearTimeout(giveUp);
      resolve();
    });
    socket.on('end', () => {
      isClosed = true;
    });
  });
  socket.write(typeof text === 'string' ? bytesOf(text) : text);
  await done;
  socket.destroy();
  return { ...parseAnswer(received), text: received, isClosed };
}

/** A whole request with the lines that every request needs. */
export function requestText(line: string, headers: readonly string[], body = ''): string {
  return `${[line, ...headers].join('\r\n')}\r\n\r\n${body}`;
}

function parseAnswer(text: string): Omit<RawAnswer, 'text' | 'isClosed'> {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = (end === -1 ? text : text.slice(0, end)).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}\n${value}`);
  }
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0);
  const raw = end === -1 ? '' : text.slice(end + 4);
  return { status, headers, body: headers.has('transfer-encoding') ? unchunk(raw).body : raw };
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const { status, headers } = parseAnswer(text.slice(0, end + 4));
  if (status === 204 || status === 304 || status === 101) return true;
  if (headers.has('transfer-encoding')) return unchunk(text.slice(end + 4)).isWhole;
  return text.length - end - 4 >= Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY);
}

/** Strict: what is not chunked to the letter is no whole body. */
function unchunk(raw: string): { readonly body: string; readonly isWhole: boolean; readonly length: number } {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = raw.indexOf('\r\n', at);
    const size = lineEnd === -1 ? null : /^[0-9a-fA-F]{1,8}$/.exec(raw.slice(at, lineEnd));
    if (size === null) return { body, isWhole: false, length: at };
    const bytes = Number.parseInt(size[0], 16);
    const dataEnd = lineEnd + 2 + bytes;
    if (raw.slice(dataEnd, dataEnd + 2) !== '\r\n') return { body, isWhole: false, length: at };
    if (bytes === 0) return { body, isWhole: true, length: dataEnd + 2 };
    body += raw.slice(lineEnd + 2, dataEnd);
    at = dataEnd + 2;
  }
}

/** One request as the shop got it. */
export type ShopRequest = {
  readonly method: string;
  readonly target: string;
  /** Lines as they came. */
  readonly lines: readonly string[];
  readonly head: string;
  readonly body: string;
};

export type RecordingShop = {
  readonly port: number;
  readonly origin: string;
  readonly requests: readonly ShopRequest[];
  /** Every breach of strict framing: two framings, bare line feeds, bytes that belong to no request. */
  readonly breaches: readonly string[];
  /** What is answered; by default 200 and `ok`. May be set by a test. */
  answerOf: (request: ShopRequest) => string | Buffer;
  /** Takes a socket over after its request; true: nothing is answered by the recorder. */
  takeOver: (request: ShopRequest, socket: Socket) => boolean;
  forget(): void;
  close(): Promise<void>;
};

export const okAnswer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';

/** A shop on a bare TCP listener: it reads HTTP as strictly as HTTP is written, and tells what was not. */
export async function startRecordingShop(): Promise<RecordingShop> {
  const requests: ShopRequest[] = [];
  const breaches: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer(socket => {
    sockets.add(socket);
    let bytes = '';
    let isTaken = false;
    socket.on('error', () => undefined); // Clients that are cut off are part of the tests.
    socket.on('close', () => {
      sockets.delete(socket);
    });
    socket.on('data', data => {
      if (isTaken) return;
      bytes += data.toString('latin1');
      for (let next = takeRequest(bytes); next !== null; next = takeRequest(bytes)) {
        if (typeof next === 'string') {
          breaches.push(next);
          socket.destroy();
          return;
        }
        bytes = bytes.slice(next.length);
        requests.push(next.request);
        isTaken = shop.takeOver(next.request, socket);
        if (isTaken) return;
        socket.write(shop.answerOf(next.request));
      }
    });
    socket.on('end', () => {
      if (!isTaken && bytes !== '' && !/^[A-Z]+ [^ ]+ HTTP\/1\.1\r\n/.test(bytes))
        breaches.push(`left over: ${bytes.slice(0, 200)}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const shop: RecordingShop = {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    breaches,
    answerOf: () => okAnswer,
    takeOver: () => false,
    forget() {
      requests.length = 0;
      breaches.length = 0;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return shop;
}

const bodiless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** The first whole request, null while it is not whole, or what is wrong with it. */
function takeRequest(bytes: string): { readonly request: ShopRequest; readonly length: number } | string | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = bytes.slice(0, end);
  const [first = '', ...lines] = head.split('\r\n');
  const [, method = '', target = ''] = /^([A-Z]+) ([!-~]+) HTTP\/1\.1$/.exec(first) ?? [];
  if (method === '') return `request line: ${first.slice(0, 200)}`;
  const odd = lines.find(line => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/.test(line));
  if (odd !== undefined) return `header line of ${target}: ${odd.slice(0, 200)}`;
  const valuesOf = (name: string) =>
    lines.filter(line => line.toLowerCase().startsWith(`${name}:`)).map(line => line.slice(name.length + 1).trim());
  const lengths = valuesOf('content-length');
  const codings = valuesOf('transfer-encoding');
  if (lengths.length + codings.length > 1) return `two framings of ${target}: ${[...lengths, ...codings].join(' | ')}`;
  if (valuesOf('host').length !== 1) return `hosts of ${target}: ${valuesOf('host').join(' | ')}`;
  const [coding] = codings;
  const [length = '0'] = lengths;
  if (coding !== undefined && coding !== 'chunked') return `transfer coding of ${target}: ${coding}`;
  if (!/^\d{1,15}$/.test(length)) return `length of ${target}: ${length}`;
  const rest = bytes.slice(end + 4);
  if (coding === undefined && rest.length < Number(length)) return null;
  const chunked = coding === undefined ? null : unchunk(rest);
  if (chunked?.isWhole === false)
    return /^[0-9a-fA-F]*(\r\n|\r?$)/.test(rest.slice(chunked.length)) ? null : `chunks of ${target}`;
  const bodyLength = chunked?.length ?? Number(length);
  const body = chunked?.body ?? rest.slice(0, bodyLength);
  if (bodiless.has(method) && coding !== undefined && body === '') return `a chunked nothing at ${target}`;
  return { request: { method, target, lines, head, body }, length: end + 4 + bodyLength };
}
