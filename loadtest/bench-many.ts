// How exactly one, two and three gateways on one Redis let devices in, each for a minute, and how many commands they send
// for it; and what killing or freezing the caller in the middle does: how long nobody is called, and that the limits hold.
// `node loadtest/bench-many.ts [--save]`
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { mostWithin } from '../test/support/crowd.ts';
import { GatewayFleet } from '../test/support/gateway-fleet.ts';
import { BenchDevice } from './bench-device.ts';
import { atMost, type Figure, report } from './bench-figures.ts';
import { statsOf } from './redis-stats.ts';

const pacePerMinute = 600;
const steadyMs = 60_000;
const leadMs = 2_000;
/** Before and after the caller ends. */
const aroundEndMs = 15_000;
/** Beyond what is let in, so that somebody waits to the end. */
const devicesLeft = 60;

type Admitted = { readonly calledAtMs: number; readonly admittedAtMs: number };

type End = 'kill -9' | 'SIGSTOP';

async function run(gateways: number, end: End | null): Promise<Figure[]> {
  const room = { pacePerMinute, activeCap: 100_000, graceTime: '90s', claimWindow: '5m' };
  const fleet = await GatewayFleet.start({ gateways, room });
  try {
    const caller = await fleet.caller();
    await fleet.at(0).operate('POST', 'sale/pause');
    const admitted: Admitted[] = [];
    const runMs = leadMs + (end === null ? steadyMs : 2 * aroundEndMs);
    const devices = Math.ceil((runMs * pacePerMinute) / 60_000) + devicesLeft;
    for (let index = 0; index < devices; index += 1) {
      // Nobody is at the caller that is to be killed: a device that has to reconnect says nothing about the calling.
      const at = end !== null ? caller + 1 + (index % (gateways - 1)) : index;
      const device = await BenchDevice.follow(fleet.at(at).url);
      device.called
        .then(async calledAtMs => admitted.push({ calledAtMs, admittedAtMs: await device.claim() }))
        // What is still under way when the gateways end.
        .catch(() => undefined);
    }
    await fleet.at(0).operate('POST', 'sale/resume');
    if (end === null) {
      await delay(leadMs);
      const before = await statsOf(fleet.redis);
      await delay(steadyMs);
      const { sent } = await statsOf(fleet.redis);
      return steadyFigures(gateways, admitted, ((sent - before.sent) * 1_000) / steadyMs / gateways);
    }
    await delay(leadMs + aroundEndMs);
    if (end === 'kill -9') await fleet.at(caller).kill();
    else fleet.at(caller).freeze();
    await delay(aroundEndMs);
    return endedFigures(end, admitted);
  } finally {
    await fleet.remove();
  }
}

const instantsOf = (admitted: readonly Admitted[]) =>
  admitted.map(({ admittedAtMs }) => admittedAtMs).sort((left, right) => left - right);

function mostFigure(named: string, instants: readonly number[]): Figure {
  const bound = (pacePerMinute / 6) * 1.01 + 1;
  const value = mostWithin(instants, 10_000);
  return { what: `most let in within 10 s, ${named}`, unit: 'devices', value, floor: null, budget: atMost(bound) };
}

function steadyFigures(gateways: number, admitted: readonly Admitted[], commands: number): Figure[] {
  const startMs = (instantsOf(admitted)[0] ?? 0) + leadMs;
  const steady = instantsOf(admitted).filter(atMs => atMs >= startMs && atMs < startMs + steadyMs);
  // Between the first and the last of them are one fewer steps than devices.
  const perMinute = ((steady.length - 1) * 60_000) / ((steady.at(-1) ?? 0) - (steady[0] ?? 0));
  const value = Math.abs(perMinute / pacePerMinute - 1) * 100;
  const named = gateways === 1 ? '1 gateway' : `${gateways} gateways`;
  return [
    { what: `admission error over 60 s, ${named}`, unit: '%', value, floor: null, budget: atMost(0.2) },
    mostFigure(named, steady),
    { what: `commands per gateway, ${named}`, unit: 'per second', value: commands, floor: null, budget: atMost(20) },
  ];
}

function endedFigures(end: End, admitted: readonly Admitted[]): Figure[] {
  const called = admitted.map(({ calledAtMs }) => calledAtMs).sort((left, right) => left - right);
  const rests = called.map((atMs, index) => atMs - (called[index - 1] ?? atMs));
  const value = Math.max(...rests);
  return [
    {
      what: `longest time without a call, caller ended by ${end}`,
      unit: 'ms',
      value,
      floor: null,
      budget: atMost(3_000),
    },
    mostFigure(`caller ended by ${end}`, instantsOf(admitted)),
  ];
}

const figures: Figure[] = [];
for (const gateways of [1, 2, 3]) figures.push(...(await run(gateways, null)));
for (const end of ['kill -9', 'SIGSTOP'] as const) figures.push(...(await run(3, end)));
report('bench-many', figures, { pacePerMinute, steadyMs, loadAverage: loadavg() });
process.exit();
