// The scenarios of the M941 lab: what the shop goes through, who comes, and what stands before it. How one is played is in
// play-scenario.ts, what is drawn of it in chart.ts.
import type { FanBehaviour } from '../fans/behaviour.ts';

/** A call of the shop's control port at an instant of the scenario. */
export type LabEvent = { readonly atSecond: number; readonly call: string; readonly body?: object };

export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  /** Null: fans go to the shop directly. */
  readonly room: { readonly pacePerMinute: number; readonly autopilot: boolean } | null;
  readonly fans: number;
  readonly arrivalsPerSecond: number;
  readonly behaviour?: Partial<FanBehaviour>;
  readonly events: readonly LabEvent[];
  /** Requests a second without a pass, from this second on. */
  readonly bots?: { readonly perSecond: number; readonly fromSecond: number };
};

/** Requests per second that the shop bears at first. Nobody but the shop is told. */
export const kneeAtFirst = 40;

const knee = (atSecond: number, requestsPerSecond: number): LabEvent => ({
  atSecond,
  call: 'knee',
  body: { requestsPerSecond },
});

export const labBehaviour: Partial<FanBehaviour> = {
  thinks: [400, 1_600],
  claimDelay: [200, 1_500],
  nextFanAfter: [100, 500],
  leavesShare: 0,
  losesNetworkShare: 0,
  noShowShare: 0.05,
};

const autopilot = { pacePerMinute: 200, autopilot: true } as const;
const crowd = { fans: 420, arrivalsPerSecond: 100 } as const;
const leakFrom = 60;
const leak = Array.from({ length: 20 }, (_, step) => knee(leakFrom + 4 * step, kneeAtFirst * (1 - 0.025 * (step + 1))));

export const scenarios: readonly Scenario[] = [
  { name: 'without', title: 'without Junban', seconds: 45, room: null, ...crowd, events: [] },
  {
    name: 'fixed',
    title: 'fixed pace, too high',
    seconds: 60,
    room: { pacePerMinute: 1_500, autopilot: false },
    ...crowd,
    events: [],
  },
  { name: 'unknown', title: 'autopilot, unknown capacity', seconds: 120, room: autopilot, ...crowd, events: [] },
  {
    name: 'halved',
    title: 'capacity halved for two minutes, then restored',
    seconds: 260,
    room: autopilot,
    ...crowd,
    events: [knee(60, kneeAtFirst / 2), knee(180, kneeAtFirst)],
  },
  {
    name: 'death',
    title: 'the shop dies and comes back',
    seconds: 160,
    room: autopilot,
    ...crowd,
    events: [
      { atSecond: 60, call: 'die' },
      { atSecond: 80, call: 'revive' },
    ],
  },
  { name: 'leak', title: 'capacity leaks by half', seconds: 160, room: autopilot, ...crowd, events: leak },
  {
    name: 'slow-payers',
    title: 'fans who pay slowly',
    seconds: 150,
    room: autopilot,
    ...crowd,
    behaviour: { thinks: [1_500, 5_000] },
    events: [{ atSecond: 10, call: 'slow-login', body: { delayMs: 2_000 } }],
  },
  {
    name: 'no-shows',
    title: 'forty percent no-shows',
    seconds: 120,
    room: autopilot,
    ...crowd,
    behaviour: { noShowShare: 0.4 },
    events: [],
  },
  {
    name: 'bots',
    title: 'a wave of bots',
    seconds: 120,
    room: autopilot,
    ...crowd,
    events: [],
    bots: { perSecond: 200, fromSecond: 60 },
  },
];
