// A client device of the public interface: keeps cookies as a browser does, joins, claims, leaves, opens pages, and
// follows its status. How statuses come is left to follow.ts.

import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'undici';
import { type Following, follow, type Transport } from './follow.ts';
import { readStatus, type Status } from './status.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly setCookies: readonly string[];
  readonly text: string;
  /** The body as a JSON object; throws if it is none. */
  json(): Readonly<Record<string, unknown>>;
};

export type Asking = { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer };

/** What a browser sends when a person opens a page. */
export const navigationHeaders = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'accept-language': 'en',
};

const api = '/_junban/v1';

export class Device {
  readonly url: string;
  readonly room: string;
  readonly cookies = new Map<string, string>();

  constructor(url: string, room: string) {
    this.url = url;
    this.room = room;
  }

  /** A device that has a ticket. */
  static async joined(url: string, room: string): Promise<Device> {
    const device = new Device(url, room);
    const { status, text } = await device.join();
    if (status !== 201) throw new Error(`joining ${room} was answered ${status}: ${text}`);
    return device;
  }

  /** Another browser window or a copy of the same device, or the device at another gateway: its cookies, its own changes. */
  copy(url = this.url): Device {
    const copied = new Device(url, this.room);
    for (const [name, value] of this.cookies) copied.cookies.set(name, value);
    return copied;
  }

  get ticket(): string {
    return this.cookies.get(`junban-ticket-${this.room}`) ?? '';
  }

  get pass(): string {
    return this.cookies.get(`junban-pass-${this.room}`) ?? '';
  }

  /** What the ticket says its arrival number is. */
  get number(): number {
    const payload: unknown = JSON.parse(Buffer.from(this.ticket.split('.')[1] ?? '', 'base64url').toString());
    if (typeof payload === 'object' && payload !== null && 'n' in payload && typeof payload.n === 'number') {
      return payload.n;
    }
    throw new Error('the ticket has no number');
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  join(): Promise<Answer> {
    return this.ask('POST', this.at('/tickets'));
  }

  async status(): Promise<Status> {
    return readStatus((await this.ask('GET', this.at('/tickets/current'))).text);
  }

  claim(body?: object): Promise<Answer> {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return this.ask('POST', this.at('/passes'), body === undefined ? {} : json);
  }

  /** Follows until it is this device's turn. */
  async untilCalled(withinMs = 5_000): Promise<Status> {
    const line = this.follow('events');
    try {
      return await line.until(({ state }) => state === 'called', withinMs);
    } finally {
      line.close();
    }
  }

  /** Claims until it is in, as a page does while the gate is busy. */
  async enter(): Promise<Answer> {
    for (let tries = 0; tries < 20; tries += 1) {
      const answer = await this.claim();
      if (answer.status === 201 || answer.status === 200) return answer;
      if (answer.status !== 202) throw new Error(`the claim was answered ${answer.status}: ${answer.text}`);
    }
    throw new Error('the claim gate stayed busy');
  }

  leave(): Promise<Answer> {
    return this.ask('DELETE', this.at('/tickets/current'));
  }

  /** A person opens a page. */
  visit(path: string, asking: Asking = {}): Promise<Answer> {
    return this.ask('GET', path, { ...asking, headers: { ...navigationHeaders, ...asking.headers } });
  }

  /** A script of the shop asks for data. */
  fetch(path: string): Promise<Answer> {
    return this.ask('GET', path, { headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' } });
  }

  follow(transport: Transport): Following {
    return follow(transport, this);
  }

  at(path: string): string {
    return `${api}${path}?room=${this.room}`;
  }

  async ask(method: Method, path: string, { headers = {}, body }: Asking = {}): Promise<Answer> {
    const cookie = this.cookies.size === 0 ? {} : { cookie: this.cookieHeader };
    const answer = await request(`${this.url}${path}`, {
      method,
      headers: { ...cookie, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.body.text();
    const named = answer.headers['set-cookie'] ?? [];
    const setCookies = typeof named === 'string' ? [named] : named;
    for (const line of setCookies) this.#keep(line);
    return {
      status: answer.statusCode,
      headers: answer.headers,
      setCookies,
      text,
      json: () => readObject(text),
    };
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    if (/;\s*max-age=0\b/i.test(line)) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`no object: ${text}`);
  return { ...value };
}
