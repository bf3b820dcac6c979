// Redis servers, proxies and stores of one test, ended together.

import { randomBytes } from 'node:crypto';
import type { RedisSettings } from '../../src/store/redis/redis-settings.ts';
import { RedisStore } from '../../src/store/redis/redis-store.ts';
import { type RedisOptionsGiven, RedisProcess, singleSettings } from './redis-process.ts';
import { TcpProxy } from './tcp-proxy.ts';

export class RedisRig {
  readonly #ends: (() => Promise<void>)[] = [];
  readonly losses: string[] = [];
  readonly givenUp: { readonly room: string; readonly changes: number }[] = [];

  async server(options?: RedisOptionsGiven): Promise<RedisProcess> {
    const server = await RedisProcess.start(options);
    this.onEnd(() => server.remove());
    return server;
  }

  async proxy(targetPort: number): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(targetPort);
    this.onEnd(() => proxy.close());
    return proxy;
  }

  /** A gateway's store on the server at a port, or as the settings say. */
  async store(where: number | RedisSettings, version = '1.0.0'): Promise<RedisStore> {
    const settings = typeof where === 'number' ? singleSettings(where) : where;
    const store = await RedisStore.open(settings, {
      version,
      onFailure: error => {
        throw error;
      },
      onLoss: room => this.losses.push(room),
      onGivenUp: (room, changes) => this.givenUp.push({ room, changes }),
    });
    this.onEnd(() => store.close());
    return store;
  }

  onEnd(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  async end(): Promise<void> {
    this.givenUp.length = 0;
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

export function randomPrefix(): string {
  return randomBytes(6).toString('hex');
}
