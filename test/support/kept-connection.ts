// One connection to a gateway that is kept from request to request, as browsers and proxies keep theirs.

import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type KeptAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The request went over the connection of the one before. */
  readonly isReused: boolean;
};

export class KeptConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  readonly #cookie: string;

  constructor(port: number, cookie: string) {
    this.#port = port;
    this.#cookie = cookie;
  }

  async ask(path: string, headers: Readonly<Record<string, string>>): Promise<KeptAnswer> {
    const asked = request({
      host: '127.0.0.1',
      port: this.#port,
      path,
      agent: this.#agent,
      headers: { cookie: this.#cookie, ...headers },
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const body = await text(answer);
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: body, isReused: asked.reusedSocket };
  }
}
