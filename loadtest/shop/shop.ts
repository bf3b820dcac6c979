// The demo shop: a small real ticket shop with limited stock and a capacity knee. Wires the parts to two listeners, the shop's
// own and the control port.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../seeded-random.ts';
import { answerRequest, type ShopCore, troubleAnswer } from './answer.ts';
import { problem } from './api.ts';
import { answerControl } from './control.ts';
import { attachEcho } from './live.ts';
import { openOrderLog } from './order-log.ts';
import { openSessions } from './sessions.ts';
import { type ShopParts, writeAnswer } from './shop-request.ts';
import { type Category, defaultCategories, openStock, type Stock } from './stock.ts';
import { openCounters, openSwitches, type ShopCounters } from './switches.ts';
import { openWorkQueue } from './work-queue.ts';

export interface ShopOptions {
  /** 0: any free port. */
  readonly port: number;
  /** 0: any free port. */
  readonly controlPort: number;
  /** Requests per second that the shop bears. Default 200. */
  readonly knee?: number;
  /** Default: 2,000 seats in three categories. */
  readonly stock?: readonly Category[];
  /** How long seats stay in a cart. Default 300,000. */
  readonly reservationMs?: number;
  /** When all is sold, the same seats are on sale again after this time; 0: never. Default 0. */
  readonly restockAfterMs?: number;
  /** How long a request waits for a worker before the shop gives it up. Default 5,000. */
  readonly waitMsMax?: number;
  readonly seed?: number;
}

export interface RunningShop {
  readonly url: string;
  readonly controlUrl: string;
  counters(): Readonly<ShopCounters> & { readonly orders: number };
  /** Closes both ports, cuts every connection and stops all timers. */
  stop(): Promise<void>;
}

const host = '127.0.0.1';

/** Rejects when a port is taken (`code` EADDRINUSE). */
export async function openShop(options: ShopOptions): Promise<RunningShop> {
  const categories = options.stock ?? defaultCategories;
  const work = openWorkQueue({
    requestsPerSecond: options.knee ?? 200,
    random: seededRandom(options.seed ?? 1),
    ...(options.waitMsMax === undefined ? {} : { waitMsMax: options.waitMsMax }),
  });
  const stock = openStock(categories, options.reservationMs ?? 300_000);
  const parts: ShopParts = { stock, orders: openOrderLog(), switches: openSwitches() };
  const counters = openCounters();
  const core: ShopCore = { ...parts, work, counters, sessions: openSessions() };
  const stopRestocking = restockWhenSold(stock, options.restockAfterMs ?? 0);

  const server = createServer((request, response) => {
    // A client that is gone takes its answer with it; anything else is a bug and ends as a 500.
    answerRequest(request, response, core).catch(() => {
      if (!response.headersSent) writeAnswer(response, troubleAnswer(500, false, 'shop-bug'));
    });
  });
  const endSockets = attachEcho(server);
  const port = await listen(server, options.port);
  const die = async (): Promise<void> => {
    endSockets();
    await close(server);
  };
  const revive = async (): Promise<void> => {
    if (!server.listening) await listen(server, port);
  };
  const control = createServer((request, response) => {
    answerControl(request, response, { ...core, die, revive, isAlive: () => server.listening }).catch((error: Error) =>
      writeAnswer(response, problem(500, 'control-failed', error.message)),
    );
  });
  const controlPort = await listen(control, options.controlPort).catch(async (error: unknown) => {
    await die();
    throw error;
  });

  return {
    url: `http://${host}:${port}`,
    controlUrl: `http://${host}:${controlPort}`,
    counters: () => ({ ...counters, orders: parts.orders.total() }),
    stop: async () => {
      stopRestocking();
      work.stop();
      await Promise.all([die(), close(control)]);
    },
  };
}

function restockWhenSold(stock: Stock, restockAfterMs: number): () => void {
  if (restockAfterMs === 0) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const stopListening = stock.onChange(() => {
    const counts = stock.categories(Date.now());
    if (timer !== undefined || counts.some(({ available, reserved }) => available + reserved > 0)) return;
    timer = setTimeout(() => {
      timer = undefined;
      for (const { category } of counts) stock.add(category.id, category.count);
    }, restockAfterMs);
  });
  return () => {
    stopListening();
    clearTimeout(timer);
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(portOf(server.address()));
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
