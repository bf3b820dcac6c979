// Reports of how the shop answers: when gateways send them, and that a caller does not collect them.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Autopilot } from '../../../src/admission/autopilot.ts';
import { emptyReport, type ShopReport } from '../../../src/admission/shop-report.ts';
import { reportShop } from '../../../src/flow/report-shop.ts';
import type { RoomAnswer, RoomRequest } from '../../../src/queue/answer-request.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

test('[AP42] a gateway reports while the autopilot is not off; what it saw before is not reported later', async () => {
  const clock = new VirtualClock(1_000_000);
  const asked: RoomRequest[] = [];
  const answer: RoomAnswer = { kind: 'done' };
  const ask = (request: RoomRequest) => Promise.resolve(answer).finally(() => asked.push(request));
  let [isSteering, taken] = [false, 0];
  const take = () => {
    taken += 1;
    return emptyReport();
  };
  const stop = reportShop({ clock, ask, isSteering: () => isSteering, take });
  await clock.advance(5_000);
  expect([asked.length, taken]).toEqual([0, 5]);
  isSteering = true;
  await clock.advance(2_000);
  expect(asked.map(({ kind }) => kind)).toEqual(['shop-seen', 'shop-seen']);
  stop();
});

test('[AP42] reports that nobody decides by are let go of', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const autopilot = new Autopilot();
  const early: WeakRef<ShopReport>[] = [];
  for (let second = 0; second < 1_000; second += 1) {
    const report = emptyReport();
    if (second < 900) early.push(new WeakRef(report));
    autopilot.report(report, 1_000 * second);
  }
  await new Promise(setImmediate);
  collectGarbage();
  // The compiler at its work may hold one for a moment.
  expect(early.filter(each => each.deref() !== undefined).length).toBeLessThan(5);
  // It is kept alive until here.
  autopilot.report(emptyReport(), 1_000_000);
});
