// Several real gateway processes on one real Redis, each reached through a TCP proxy of its own, ended together.

import { randomBytes } from 'node:crypto';
import { GatewayProcess, type RoomConfig } from './gateway-process.ts';
import { RecordingShop } from './recording-shop.ts';
import { RedisProcess } from './redis-process.ts';
import { TcpProxy } from './tcp-proxy.ts';

export type FleetOrder = {
  readonly gateways: number;
  /** Beside id and shop. */
  readonly room: Readonly<Record<string, unknown>>;
  /** Rooms like it, each at the path of its id. Default: none. */
  readonly moreRooms?: readonly string[];
  /** Environment of one gateway, by its index. */
  readonly env?: (index: number) => Readonly<Record<string, string>>;
};

const callerPattern = /^junban_room_caller\{[^}]*\} (\d)/m;

export class GatewayFleet {
  readonly shop: RecordingShop;
  readonly redis: RedisProcess;
  readonly gateways: GatewayProcess[] = [];
  /** Between each gateway and Redis. */
  readonly proxies: TcpProxy[] = [];
  readonly #order: FleetOrder;
  readonly #prefix = `test-${randomBytes(4).toString('hex')}`;

  static async start(order: FleetOrder): Promise<GatewayFleet> {
    const fleet = new GatewayFleet(order, await RecordingShop.start(), await RedisProcess.start());
    try {
      for (let index = 0; index < order.gateways; index += 1) await fleet.add();
    } catch (error) {
      await fleet.remove();
      throw error;
    }
    return fleet;
  }

  private constructor(order: FleetOrder, shop: RecordingShop, redis: RedisProcess) {
    this.#order = order;
    this.shop = shop;
    this.redis = redis;
  }

  /** Starts one more gateway. */
  async add(): Promise<GatewayProcess> {
    const index = this.gateways.length;
    const proxy = await TcpProxy.start(this.redis.port);
    this.proxies.push(proxy);
    const room: RoomConfig = { ...this.#order.room, id: 'sale', shop: this.shop.url };
    const gateway = await GatewayProcess.start({
      rooms: [room, ...(this.#order.moreRooms ?? []).map(id => ({ ...room, id, match: { paths: [`/${id}`] } }))],
      more: { store: { kind: 'redis', url: `redis://127.0.0.1:${proxy.port}`, keyPrefix: this.#prefix } },
      env: this.#order.env?.(index) ?? {},
    });
    this.gateways.push(gateway);
    return gateway;
  }

  at(index: number): GatewayProcess {
    const gateway = this.gateways[index % this.gateways.length];
    if (gateway === undefined) throw new Error('the fleet has no gateway');
    return gateway;
  }

  /** The index of the gateway that calls; rejects when none or several say they do. */
  async caller(): Promise<number> {
    const says = await Promise.all(this.gateways.map(gateway => isCaller(gateway)));
    const callers = says.flatMap((is, index) => (is ? [index] : []));
    const [caller] = callers;
    if (caller === undefined || callers.length > 1) throw new Error(`${callers.length} gateways say that they call`);
    return caller;
  }

  keyOf(what: string): string {
    return `${this.#prefix}:{sale}:${what}`;
  }

  async remove(): Promise<void> {
    for (const gateway of this.gateways) {
      gateway.resume();
      await gateway.remove();
    }
    for (const proxy of this.proxies) await proxy.close();
    await this.redis.remove();
    await this.shop.close();
  }
}

async function isCaller(gateway: GatewayProcess): Promise<boolean> {
  const text = await gateway.metrics().catch(() => '');
  return callerPattern.exec(text)?.[1] === '1';
}
