// What simulated gateways show, held against the naive room and against who is really there.

import { standingOf } from '../../src/flow/status.ts';
import type { CommittedLine } from './committed-line.ts';
import { type DeviceThere, isWell, knowsWhoCame, knowsWhoWent, type Look } from './devices-there.ts';
import type { GatewayOfMany } from './gateway-of-many.ts';
import { must } from './naive-room.ts';

export type Shown = {
  readonly line: CommittedLine;
  readonly gateways: readonly GatewayOfMany[];
  readonly devices: readonly DeviceThere[];
};

/** Who knows as much as was committed shows just that. */
export function checkViews({ line, gateways, devices }: Shown): void {
  const { naive } = line;
  for (const { view, isReady, isAlive, isFrozen } of gateways) {
    if (!isAlive || !isReady || isFrozen || view.state.version !== naive.version || line.isStale(view.state)) continue;
    const { state } = view;
    must([...state.calls.keys()].join() === [...naive.calls.keys()].join(), 'P2', 'the calls differ');
    must([...state.passes.keys()].join() === [...naive.passes.keys()].join(), 'P5', 'the passes differ');
    if (view.order === null || naive.phase !== 'open') continue;
    const inLine = naive.inLine(new Set(view.present.places.places()));
    view.lineNow();
    must(view.total === inLine.length, 'P3', `${view.total} in line, expected ${inLine.length}`);
    for (const { number } of devices) {
      const place = line.placeOf(number);
      const standing = standingOf(view, number, false);
      must(standing.place === place, 'P1', `number ${number} stands at ${standing.place}, expected ${place}`);
      if (standing.state !== 'waiting' && standing.state !== 'missed') continue;
      const ahead = inLine.filter(other => other < place).length;
      must(standing.ahead === ahead, 'P3', `${standing.ahead} ahead of ${place}, expected ${ahead}`);
    }
  }
}

/** Where all is well everybody sees who is there, and nobody who is long gone. */
export function checkPresence(
  { line, gateways, devices }: Shown,
  { nowMs, network, leasesEnded }: Omit<Look, 'graceTimeMs'>,
): void {
  const { naive } = line;
  const look = { nowMs, graceTimeMs: naive.rules.graceTimeMs, network, leasesEnded };
  const callers = gateways.filter(each => isWell(each, nowMs) && knowsWhoCame(each, nowMs));
  if (callers.length === 0 || naive.phase !== 'open') return;
  const isGoneKnown = callers.some(each => knowsWhoWent(each, look));
  for (const gateway of gateways) {
    if (!isWell(gateway, nowMs) || gateway.view.order?.drawn !== naive.drawn) continue;
    const { places } = gateway.view.present;
    for (const device of devices) {
      const place = line.placeOf(device.number);
      if (naive.called.has(place)) continue;
      if (device.isSurelyThere(look)) must(places.has(place), 'P3', `${place} is not counted`);
      if (isGoneKnown && device.isSurelyGone(look)) must(!places.has(place), 'P3', `${place} is long gone and counted`);
    }
  }
}
