// A drand relay over real HTTP that has the known rounds, and can be late, lie, stall or close instead.

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { drandChains } from '../../src/draw/drand-chain.ts';
import drandRounds from '../vectors/drand-rounds.json' with { type: 'json' };

export type RelayMood =
  | 'right'
  /** The round is not there yet. */
  | 'late'
  | 'wrong-signature'
  /** A genuine round, and not the one asked for. */
  | 'other-round'
  /** The signature of another round under the number asked for. */
  | 'other-signature'
  | 'no-json'
  | 'endless'
  /** Head and half a body, then nothing. */
  | 'stalls-midway'
  | 'stalls'
  | 'closes'
  | 'fails'
  /** To a relay that would be right. */
  | 'redirects';

export class DrandRelay {
  mood: RelayMood;
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #listeners = new Set<() => void>();

  static async start(mood: RelayMood): Promise<DrandRelay> {
    const relay = new DrandRelay(mood);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  private constructor(mood: RelayMood) {
    this.mood = mood;
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      this.#answer(request.url ?? '', response);
      for (const listener of this.#listeners) listener();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when it was asked so often. */
  async untilAsked(times: number): Promise<void> {
    while (this.asked.length < times) {
      await new Promise<void>(resolve => {
        const listener = () => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(path: string, response: ServerResponse): void {
    const [, hash, , number] = path.split('/');
    const name = drandChains.find(chain => chain.hash === hash)?.name;
    const known = drandRounds.filter(({ chain }) => chain === name);
    const round = known.find(each => each.round === Number(number));
    const other = known.find(each => each !== round);
    switch (this.mood) {
      case 'right':
      case 'late':
        return this.mood === 'late' || round === undefined
          ? void response.writeHead(404).end('{"error":"not found"}')
          : send(response, round);
      case 'wrong-signature':
        return send(response, { ...round, signature: `a${round?.signature.slice(1)}` });
      case 'other-round':
        return send(response, other);
      case 'other-signature':
        return send(response, { ...round, signature: other?.signature });
      case 'no-json':
        return void response.end('<html>captive portal</html>');
      case 'endless':
        return pour(response);
      case 'stalls-midway':
        return void response.writeHead(200, { 'content-type': 'application/json' }).write('{"round":');
      case 'stalls':
        return;
      case 'closes':
        return void response.destroy();
      case 'fails':
        return void response.writeHead(500).end(JSON.stringify(round));
      case 'redirects':
        return void response.writeHead(302, { location: path.replace('/public/', '/public/../public/') }).end();
    }
  }
}

function send(response: ServerResponse, round: object | undefined): void {
  const { previousSignature, ...rest } = { previousSignature: undefined, ...round };
  const body = previousSignature === undefined ? rest : { ...rest, previous_signature: previousSignature };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function pour(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(' '.repeat(1_024)));
  };
  response.on('drain', more);
  more();
}
