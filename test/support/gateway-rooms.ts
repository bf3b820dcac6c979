// A gateway process before a shop, open during the tests of one file, with a room at a path of its own for each of them.

import { afterAll, beforeAll } from 'vitest';
import { Device } from './device.ts';
import { GatewayProcess } from './gateway-process.ts';
import { RecordingShop } from './recording-shop.ts';

export type GatewayRooms<Room extends string> = {
  readonly gateway: GatewayProcess;
  readonly shop: RecordingShop;
  /** A device that has a ticket. */
  joined(room: Room): Promise<Device>;
  /** A device whose turn it is. */
  called(room: Room): Promise<Device>;
};

/** `rooms` says what each room is beside the defaults here; `defaults` what all rooms of the file are. */
export function gatewayWithRooms<Room extends string>(
  rooms: Readonly<Record<Room, object>>,
  defaults: (room: string) => object = () => ({}),
): GatewayRooms<Room> {
  let opened: { readonly gateway: GatewayProcess; readonly shop: RecordingShop } | null = null;
  const stand = () => {
    if (opened === null) throw new Error('the gateway runs during tests only');
    return opened;
  };
  beforeAll(async () => {
    const shop = await RecordingShop.start();
    const gateway = await GatewayProcess.start({
      rooms: Object.entries<object>(rooms).map(([id, more]) => ({
        id,
        match: { paths: [`/${id}`] },
        shop: shop.url,
        pacePerMinute: 6_000,
        activeCap: 1,
        claimWindow: '60s',
        graceTime: '2s',
        allowedOrigins: ['https://app.example'],
        ...defaults(id),
        ...more,
      })),
    });
    opened = { gateway, shop };
  });
  afterAll(async () => {
    await opened?.gateway.remove();
    await opened?.shop.close();
  });
  const joined = (room: Room) => Device.joined(stand().gateway.url, room);
  return {
    get gateway() {
      return stand().gateway;
    },
    get shop() {
      return stand().shop;
    },
    joined,
    async called(room) {
      const device = await joined(room);
      await device.untilCalled();
      return device;
    },
  };
}
