// A failover that lost what was written last, while the gateway that knows it comes back later than one that does not:
// whoever was let in stays in, nobody is let in beyond the cap, and the line keeps its order.

import { expect, test } from 'vitest';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';
import { RedisRig } from '../../support/redis-rig.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';

type Reached = { readonly proxy: TcpProxy; readonly gateway: GatewayProcess };

async function reached(rig: RedisRig, port: number, shop: RecordingShop): Promise<Reached> {
  const proxy = await rig.proxy(port);
  const limits = { pacePerMinute: 6_000, activeCap: 3, graceTime: '60s', claimWindow: '2m' };
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: shop.url, ...limits }],
    more: { store: { kind: 'redis', url: `redis://127.0.0.1:${proxy.port}` } },
  });
  rig.onEnd(() => gateway.remove());
  return { proxy, gateway };
}

async function letIn({ gateway }: Reached): Promise<Device> {
  const device = new Device(gateway.url, 'sale');
  await device.visit('/');
  expect(device.pass).not.toBe('');
  return device;
}

// Two who had been let in were thrown back to the line, two others were called before them: five inside at a cap of three.
test.concurrent.for([
  ['was cut off', 'cut', 3_000],
  ['is new', 'fresh', 1_500],
] as const)(
  '[ST194] a lost tail is put back though a gateway that %s comes first: cap, passes and order hold',
  async ([, kind, laterMs], { expect, onTestFinished }) => {
    const rig = new RedisRig();
    onTestFinished(() => rig.end());
    const shop = await RecordingShop.start();
    rig.onEnd(() => shop.close());
    const master = await rig.server();
    const replica = await rig.server({ replicaof: `127.0.0.1 ${master.port}` });
    await expect.poll(async () => String(await master.command('INFO', 'replication'))).toMatch(/state=online/);
    const knowing = await reached(rig, master.port, shop);
    const cutOff = kind === 'cut' ? await reached(rig, master.port, shop) : null;
    const inside = [await letIn(knowing)];
    await master.replicatedTo(replica);
    await replica.command('REPLICAOF', 'NO', 'ONE');
    cutOff?.proxy.hold();
    // From here on everything is lost with the master.
    inside.push(await letIn(knowing), await letIn(knowing));
    const waiting: Device[] = [];
    for (let index = 0; index < 3; index += 1) waiting.push(await Device.joined(knowing.gateway.url, 'sale'));
    const lines = waiting.map(device => device.follow('socket'));
    await Promise.all(lines.map((line, index) => line.until(({ ahead, total }) => ahead === index && total === 3)));
    await master.kill();
    cutOff?.proxy.leadTo(replica.port);
    cutOff?.proxy.release();
    const firstAtMs = performance.now();
    const other = cutOff ?? (await reached(rig, replica.port, shop));
    await expect.poll(() => performance.now() - firstAtMs, { timeout: 5_000 }).toBeGreaterThan(laterMs);
    knowing.proxy.leadTo(replica.port);
    const gateways = [knowing.gateway, other.gateway];
    for (const gateway of gateways) {
      await expect.poll(() => gateway.readiness(), { timeout: 10_000 }).toBe(200);
      for (const device of inside) {
        const asked = device.copy(gateway.url);
        await expect.poll(async () => (await asked.fetch('/api')).status, { timeout: 5_000 }).toBe(200);
      }
      await expect
        .poll(() => gateway.operate('GET', 'sale'), { timeout: 5_000 })
        .toMatchObject({ active: 3, called: 0 });
    }
    await Promise.all(
      lines.map((line, index) =>
        line.until(({ ahead, total, checking }) => ahead === index && total === 3 && !checking),
      ),
    );
    expect(lines.flatMap(({ heard }) => heard).filter(({ status }) => status.state !== 'waiting')).toEqual([]);
    for (const line of lines) line.close();
  },
);
