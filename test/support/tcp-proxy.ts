// A TCP proxy between a client and a server, for cuts, half-open connections, late answers and cuts at a chosen word.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

type Pair = {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client sent first. */
  said: string;
};

const saidCharactersMax = 20_000;

export class TcpProxy {
  readonly port: number;
  #targetPort: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #isHeld = false;
  #answersLateMs = 0;
  #cutAtAnswer: { readonly word: string; readonly done: () => void } | null = null;

  static start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    return new Promise(resolve => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
        resolve(new TcpProxy(server, address.port, targetPort));
      });
    });
  }

  private constructor(server: Server, port: number, targetPort: number) {
    this.#server = server;
    this.port = port;
    this.#targetPort = targetPort;
    server.on('connection', client => this.#join(client, connect(this.#targetPort, '127.0.0.1')));
  }

  /** From now on connections go to another server; those that are there are closed. */
  leadTo(targetPort: number): void {
    this.#targetPort = targetPort;
    this.cut();
  }

  /** Closes every connection at once. New ones are taken. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  /** From now on nothing passes, and nobody is told: as when a cable is pulled. */
  hold(): void {
    this.#isHeld = true;
    for (const { client, server } of this.#pairs) {
      client.pause();
      server.pause();
    }
  }

  /** The same for the connections alone on which a client has said all these words. Gives how many these are. */
  holdThose(...saying: readonly string[]): number {
    const those = [...this.#pairs].filter(({ said }) => saying.every(word => said.includes(word)));
    for (const { client, server } of those) {
      client.pause();
      server.pause();
    }
    return those.length;
  }

  /** From now on every answer comes so much later, in order; 0: at once, behind those that are late. */
  delayAnswers(ms: number): void {
    this.#answersLateMs = ms;
  }

  /** Everything passes again, what was held first. */
  release(): void {
    this.#isHeld = false;
    for (const { client, server } of this.#pairs) {
      client.resume();
      server.resume();
    }
  }

  /** The next request with this word reaches the server; its answer is lost with the connection. Resolves then. */
  cutAfterRequest(word: string): Promise<void> {
    return new Promise(done => {
      this.#cutAtAnswer = { word, done };
    });
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    const pair: Pair = { client, server, said: '' };
    let answered = Promise.resolve();
    this.#pairs.add(pair);
    let losesAnswer: (() => void) | null = null;
    client.on('data', data => {
      if (this.#cutAtAnswer !== null && data.includes(this.#cutAtAnswer.word)) {
        losesAnswer = this.#cutAtAnswer.done;
        this.#cutAtAnswer = null;
      }
      if (pair.said.length < saidCharactersMax) pair.said += data.toString('latin1');
      server.write(data);
    });
    server.on('data', data => {
      if (losesAnswer === null) {
        const dueAtMs = performance.now() + this.#answersLateMs;
        answered = answered.then(() => passAt(dueAtMs, data, client));
        return;
      }
      client.resetAndDestroy();
      losesAnswer();
    });
    const part = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    // Resets are what this proxy is for.
    for (const socket of [client, server]) socket.on('close', part).on('error', () => undefined);
    if (this.#isHeld) {
      client.pause();
      server.pause();
    }
  }
}

async function passAt(dueAtMs: number, data: Buffer, client: Socket): Promise<void> {
  const earlyMs = dueAtMs - performance.now();
  if (earlyMs > 0) await delay(earlyMs);
  if (!client.destroyed) client.write(data);
}
