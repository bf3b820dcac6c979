// How exactly devices are let in: the error against the set pace over a minute, no burst after a pause, never more inside
// than the cap. Everybody claims as soon as called. `node loadtest/bench-admission.ts [--save]`
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { BenchDevice } from './bench-device.ts';
import { atMost, type Figure, report } from './bench-figures.ts';

const pacePerMinute = 600;
const steadyMs = 60_000;
const pauseMs = 10_000;
const devicesInPace = 1_000;
const cap = 20;
const devicesInCap = 200;
const room = { id: 'sale', shop: 'http://127.0.0.1:1', graceTime: '90s', claimWindow: '5m' };

/** Fills a paused room; every device claims when it is called. Gives the instants at which they were let in. */
async function fill(
  gateway: GatewayProcess,
  count: number,
): Promise<{ admittedAtMs: number[]; devices: BenchDevice[] }> {
  await gateway.operate('POST', 'sale/pause');
  const admittedAtMs: number[] = [];
  const devices: BenchDevice[] = [];
  for (let index = 0; index < count; index += 1) {
    const device = await BenchDevice.follow(gateway.url);
    devices.push(device);
    device.called
      .then(() => device.claim())
      .then(
        atMs => admittedAtMs.push(atMs),
        // What is still under way when the gateway ends.
        () => undefined,
      );
  }
  return { admittedAtMs, devices };
}

function mostIn(windowMs: number, instantsMs: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, atMs] of instantsMs.entries()) {
    while ((instantsMs[first] ?? 0) <= atMs - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

async function paceFigures(): Promise<Figure[]> {
  const gateway = await GatewayProcess.start({ rooms: [{ ...room, pacePerMinute, activeCap: 100_000 }] });
  try {
    const { admittedAtMs, devices } = await fill(gateway, devicesInPace);
    await gateway.operate('POST', 'sale/resume');
    await sleep(2_000 + steadyMs + 1_000);
    const startMs = (admittedAtMs[0] ?? 0) + 2_000;
    const steady = admittedAtMs.filter(atMs => atMs >= startMs && atMs < startMs + steadyMs);
    // Between the first and the last of them are one fewer steps than devices.
    const spanMs = (steady.at(-1) ?? 0) - (steady[0] ?? 0);
    const perMinute = ((steady.length - 1) * 60_000) / spanMs;
    await gateway.operate('POST', 'sale/pause');
    await sleep(pauseMs);
    const resumedFrom = admittedAtMs.length;
    await gateway.operate('POST', 'sale/resume');
    await sleep(11_000);
    const after = admittedAtMs.slice(resumedFrom);
    for (const device of devices) device.vanish();
    const tenSeconds = pacePerMinute / 6;
    const bound = { unit: 'devices', floor: null };
    return [
      {
        what: 'admission error over 60 s, steady',
        unit: '%',
        value: Math.abs(perMinute / pacePerMinute - 1) * 100,
        floor: null,
        budget: atMost(0.2),
      },
      { what: 'devices let in, per minute', unit: 'per minute', value: perMinute, floor: null, budget: null },
      {
        ...bound,
        what: 'most let in within 10 s, steady',
        value: mostIn(10_000, steady),
        budget: atMost(tenSeconds * 1.01 + 1),
      },
      {
        ...bound,
        what: 'most let in within 10 s after a pause',
        value: mostIn(10_000, after),
        budget: atMost(tenSeconds * 1.01 + 1),
      },
      {
        ...bound,
        what: 'most let in within 1 s after a pause',
        value: mostIn(1_000, after),
        budget: atMost(tenSeconds / 10 + 1),
      },
    ];
  } finally {
    await gateway.remove();
  }
}

async function capFigure(): Promise<Figure> {
  const gateway = await GatewayProcess.start({
    rooms: [{ ...room, pacePerMinute: 6_000, activeCap: cap, pass: { idle: '2s', max: '2s' } }],
  });
  try {
    const { admittedAtMs, devices } = await fill(gateway, devicesInCap);
    await gateway.operate('POST', 'sale/resume');
    let most = 0;
    const untilMs = Date.now() + 15_000;
    while (Date.now() < untilMs && admittedAtMs.length < devicesInCap) {
      const { active } = await gateway.operate('GET', 'sale');
      most = Math.max(most, Number(active));
      await sleep(20);
    }
    for (const device of devices) device.vanish();
    const what = `most inside at a cap of ${cap}, ${admittedAtMs.length} let in`;
    return { what, unit: 'devices', value: most, floor: null, budget: atMost(cap) };
  } finally {
    await gateway.remove();
  }
}

report('bench-admission', [...(await paceFigures()), await capFigure()], { pacePerMinute, steadyMs, pauseMs, cap });
process.exit();
