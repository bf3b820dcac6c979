// One simulated fan from arrival to end: comes, waits, perhaps leaves or loses the network, takes the turn, visits the shop.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FanBehaviour, FanPlan } from './behaviour.ts';
import { type FanClient, type FanClientOptions, openFanClient } from './fan-client.ts';
import { type FanStatus, readStatus } from './fan-status.ts';
import { type FollowEnd, followByEvents, followByPolling, followBySocket } from './follow.ts';
import { type VisitEnd, visitShop } from './shop-visit.ts';

export interface FanLife {
  readonly plan: FanPlan;
  readonly behaviour: FanBehaviour;
  readonly fanName: string;
}

type LineEnd = 'entered' | 'left' | 'noShow' | 'ended' | 'gaveUp';
type ClaimEnd = 'entered' | 'notYet' | 'refused' | 'gaveUp';

const arrivesAt = '/events/junban-live';
/** A fan whose connection broke so often in a row goes home. */
const breaksInARowMax = 8;
const claimsMax = 600;
const follows = { socket: followBySocket, events: followByEvents, polling: followByPolling } as const;

/** Rejects only when the options' signal is aborted. */
export async function liveFan(life: FanLife, options: FanClientOptions): Promise<void> {
  const { counters } = options;
  const client = openFanClient(options);
  counters.arrived += 1;
  const page = await client.ask({ method: 'GET', path: arrivesAt });
  if (page === undefined) {
    counters.gaveUp += 1;
    return;
  }
  if (client.hasPass()) counters.straightIn += 1;
  else if (client.hasTicket()) {
    counters.joined += 1;
    const end = await counted(counters, 'inLine', () => standInLine(life, client));
    countLineEnd(client, end);
    if (end !== 'entered') return;
  } else {
    counters.errors[page.status >= 400 ? 'refused' : 'unreadable'] += 1;
    counters.gaveUp += 1;
    return;
  }
  const end = await counted(counters, 'inShop', () => visitShop({ ...life, client }));
  counters[end] += 1;
  if (saysGoodbye(end, life.plan)) await leave(client);
}

/** A purchase ends the pass by itself. */
function saysGoodbye(end: VisitEnd, plan: FanPlan): boolean {
  return end !== 'bought' && plan.saysGoodbye;
}

async function counted<T>(
  counters: FanClientOptions['counters'],
  where: 'inLine' | 'inShop',
  act: () => Promise<T>,
): Promise<T> {
  counters[where] += 1;
  try {
    return await act();
  } finally {
    counters[where] -= 1;
  }
}

function countLineEnd(client: FanClient, end: LineEnd): void {
  const { counters } = client.options;
  if (end === 'entered') counters.admitted += 1;
  else if (end === 'noShow') counters.noShows += 1;
  else counters[end] += 1;
}

async function standInLine({ plan }: FanLife, client: FanClient): Promise<LineEnd> {
  const { counters, signal } = client.options;
  const sinceMs = performance.now();
  const leavesAtMs = sinceMs + plan.leavesAfterMs;
  let losesNetworkAtMs = sinceMs + plan.losesNetworkAfterMs;
  let breaksInARow = 0;
  const onStatus = (): void => {
    breaksInARow = 0;
  };
  while (breaksInARow <= breaksInARowMax) {
    const forMs = Math.max(0, Math.min(leavesAtMs, losesNetworkAtMs) - performance.now());
    const end = await follows[plan.transport]({ client, forMs, onStatus });
    if (end.kind === 'act') {
      const lineEnd = await act(plan, client, end);
      if (lineEnd !== 'notYet') return lineEnd;
      await client.backOff(0);
    } else if (end.kind === 'elapsed' && performance.now() >= leavesAtMs - 1) {
      if (plan.saysGoodbye) await leave(client);
      return 'left';
    } else if (end.kind === 'elapsed') {
      counters.lostNetwork += 1;
      losesNetworkAtMs = Infinity;
      await sleep(plan.awayMs, undefined, { signal });
    } else if (end.kind === 'refused') {
      counters.errors.refused += 1;
      return 'gaveUp';
    } else {
      if (end.kind === 'broken') counters.errors[end.error] += 1;
      else counters.sentAway += 1;
      await client.backOff(breaksInARow, end.kind === 'sentAway' ? end.leastMs : 0);
      breaksInARow += 1;
    }
  }
  return 'gaveUp';
}

type Act = Extract<FollowEnd, { readonly kind: 'act' }>;

/** The status asks for something: the turn, or "I am here", or to accept that it is over. */
async function act(plan: FanPlan, client: FanClient, { status, hangUp }: Act): Promise<LineEnd | 'notYet'> {
  const { counters, signal } = client.options;
  try {
    if (status.state === 'left' || status.state === 'ended') return 'ended';
    if (status.state === 'called') counters.called += 1;
    if (plan.isNoShow) return 'noShow';
    await sleep(plan.claimDelayMs, undefined, { signal });
    const claimed = await claim(client);
    if (claimed !== 'refused') return claimed;
    counters.errors.refused += 1;
    return 'gaveUp';
  } finally {
    hangUp();
  }
}

async function claim(client: FanClient): Promise<ClaimEnd> {
  for (let claims = 0; claims < claimsMax; claims += 1) {
    const path = client.roomPath('passes');
    const answer = await client.ask({ method: 'POST', path, json: { returnTo: arrivesAt } });
    if (answer === undefined) return 'gaveUp';
    if (answer.status === 200 || answer.status === 201) return client.hasPass() ? 'entered' : 'refused';
    if (answer.status === 409) return 'notYet';
    if (answer.status !== 202) return 'refused';
    const status = readStatus(answer.text);
    if (status === undefined || !keepsTurn(status)) return 'notYet';
    // While the status says so, the turn is kept as long as the fan asks again in time.
    await sleep(Math.max(250, status.nextMs), undefined, { signal: client.options.signal });
  }
  return 'gaveUp';
}

function keepsTurn({ state }: FanStatus): boolean {
  return state === 'called' || state === 'entering' || state === 'admitted';
}

async function leave(client: FanClient): Promise<void> {
  await client.ask({ method: 'DELETE', path: client.roomPath('tickets/current') });
}
