// A device of the benchmarks of calling: joins, follows over a socket, notes when it was called, claims when told to.
// Instants are of the clock of this machine.
import { request } from 'undici';
import { WebSocket } from 'ws';

export class BenchDevice {
  readonly #url: string;
  readonly #ticket: string;
  readonly #socket: WebSocket;
  readonly #called = Promise.withResolvers<number>();

  /** Joins and connects; settles when the first status came. */
  static async follow(url: string): Promise<BenchDevice> {
    const { body } = await request(`${url}/_junban/v1/tickets`, { method: 'POST' });
    const { ticket } = (await body.json()) as { ticket: string };
    const device = new BenchDevice(url, ticket);
    await new Promise((resolve, reject) => {
      device.#socket.once('message', resolve);
      device.#socket.once('error', reject);
    });
    return device;
  }

  private constructor(url: string, ticket: string) {
    this.#url = url;
    this.#ticket = ticket;
    const headers = { authorization: `Bearer ${ticket}` };
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/_junban/v1/socket`, 'junban.v1', { headers });
    this.#socket.on('message', data => {
      if (String(data).includes('"state":"called"')) this.#called.resolve(Date.now());
    });
  }

  /** When it first heard that it was called. */
  get called(): Promise<number> {
    return this.#called.promise;
  }

  /** Claims until it is let in; settles with the instant of the answer. */
  async claim(): Promise<number> {
    const headers = { authorization: `Bearer ${this.#ticket}` };
    for (;;) {
      const { statusCode, body } = await request(`${this.#url}/_junban/v1/passes`, { method: 'POST', headers });
      await body.dump();
      if (statusCode === 200 || statusCode === 201) return Date.now();
      if (statusCode !== 202) throw new Error(`a claim was answered ${statusCode}`);
    }
  }

  /** Is gone without a word, as a phone in a tunnel. */
  vanish(): void {
    this.#socket.terminate();
  }
}
