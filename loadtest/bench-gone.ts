// How long the device behind one that is gone has to wait: when the shop is full (cap-bound) and when the pace is what
// limits (pace-bound). Both must end with the grace time, however many are gone. `node loadtest/bench-gone.ts [--save]`
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { BenchDevice } from './bench-device.ts';
import { atMost, type Figure, percentile, report } from './bench-figures.ts';

const graceTimeMs = 5_000;
/** Presence counts whole seconds and is looked at every half second: so much later may the end of it be noticed. */
const noticeMsMax = 1_500;
const trials = 4;
const goneAtOnce = 40;
const room = { id: 'sale', shop: 'http://127.0.0.1:1', graceTime: '5s', claimWindow: '5m' };

/** One place inside, taken for 2 s; every second device is gone in the instant it is called. */
async function capBound(): Promise<readonly number[]> {
  const gateway = await GatewayProcess.start({
    rooms: [{ ...room, pacePerMinute: 60_000, activeCap: 1, pass: { idle: '2s', max: '2s' } }],
  });
  try {
    await gateway.operate('POST', 'sale/pause');
    const devices: BenchDevice[] = [];
    for (let index = 0; index < 2 * trials + 1; index += 1) devices.push(await BenchDevice.follow(gateway.url));
    await gateway.operate('POST', 'sale/resume');
    const waitsMs: number[] = [];
    let goneAtMs = 0;
    for (const [index, device] of devices.entries()) {
      const calledAtMs = await device.called;
      if (index % 2 === 1) {
        device.vanish();
        goneAtMs = Date.now();
      } else {
        if (index > 0) waitsMs.push(calledAtMs - goneAtMs);
        await device.claim();
      }
    }
    for (const device of devices) device.vanish();
    return waitsMs;
  } finally {
    await gateway.remove();
  }
}

/** One device a second may be called; forty are gone at once, and one stands behind them. */
async function paceBound(): Promise<number> {
  const gateway = await GatewayProcess.start({ rooms: [{ ...room, pacePerMinute: 60, activeCap: 1_000 }] });
  try {
    await gateway.operate('POST', 'sale/pause');
    const gone: BenchDevice[] = [];
    for (let index = 0; index < goneAtOnce; index += 1) gone.push(await BenchDevice.follow(gateway.url));
    const behind = await BenchDevice.follow(gateway.url);
    for (const device of gone) device.vanish();
    const goneAtMs = Date.now();
    await gateway.operate('POST', 'sale/resume');
    const calledAtMs = await behind.called;
    behind.vanish();
    return calledAtMs - goneAtMs;
  } finally {
    await gateway.remove();
  }
}

async function run(): Promise<void> {
  const capWaitsMs = await capBound();
  const paceWaitMs = await paceBound();
  const figure = (what: string, value: number, boundMs: number): Figure => ({
    what,
    unit: 'ms',
    value,
    floor: null,
    budget: atMost(boundMs),
  });
  const paceStepMs = 1_000;
  report(
    'bench-gone',
    [
      figure(
        `cap-bound: wait behind one that is gone, longest of ${trials}`,
        percentile(capWaitsMs, 100),
        graceTimeMs + noticeMsMax,
      ),
      figure(`pace-bound: wait behind ${goneAtOnce} that are gone`, paceWaitMs, graceTimeMs + noticeMsMax + paceStepMs),
    ],
    { graceTimeMs, noticeMsMax, trials, goneAtOnce },
  );
}

await run();
