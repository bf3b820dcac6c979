// What a fan does inside: looks at a few pages, logs in, chooses, pays, or goes without. Every page may be the shop's, an error, or
// the line's page again, which must never happen to somebody who was let in.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FanBehaviour, FanPlan } from './behaviour.ts';
import type { FanAnswer, FanClient, FanRequest } from './fan-client.ts';

export type VisitEnd = 'bought' | 'soldOut' | 'boughtNothing' | 'gaveUp';

export interface Visit {
  readonly client: FanClient;
  readonly plan: FanPlan;
  readonly behaviour: FanBehaviour;
  readonly fanName: string;
}

const eventPath = '/events/junban-live';
const browsed = ['/', '/events', eventPath, '/api/stock', '/assets/shop.css'] as const;
const categoryIds = ['s', 'a', 'b'] as const;

export async function visitShop(visit: Visit): Promise<VisitEnd> {
  const { client, plan } = visit;
  const { random } = client.options;
  if (!(await step(visit, { method: 'GET', path: eventPath }))) return 'gaveUp';
  for (let page = 1; page < plan.pages; page += 1) {
    const path = browsed[Math.floor(random.fraction() * browsed.length)] ?? '/';
    if (!(await step(visit, { method: 'GET', path }))) return 'gaveUp';
  }
  return plan.buys ? buy(visit) : 'boughtNothing';
}

async function buy(visit: Visit): Promise<VisitEnd> {
  const login = { name: visit.fanName, returnTo: eventPath };
  if (!(await step(visit, { method: 'POST', path: '/login', form: login }))) return 'gaveUp';
  const reserved = await reserve(visit);
  if (reserved !== 'reserved') return reserved;
  const checkout = await step(visit, { method: 'GET', path: '/checkout' });
  const reservation = /name="reservation" value="([^"]+)"/.exec(checkout?.text ?? '')?.[1];
  if (reservation === undefined) return 'gaveUp';
  const paid = await step(visit, { method: 'POST', path: '/checkout', form: { reservation } });
  const orderPath = paid?.header('location');
  if (paid?.status !== 303 || orderPath === undefined) return 'gaveUp';
  await step(visit, { method: 'GET', path: orderPath });
  return 'bought';
}

/** Tries the seats from a category chosen at random on; sold out only when all of them are. */
async function reserve(visit: Visit): Promise<'reserved' | 'soldOut' | 'gaveUp'> {
  const { random } = visit.client.options;
  const first = Math.floor(random.fraction() * categoryIds.length);
  const count = random.chance(0.5) ? '1' : '2';
  for (let tried = 0; tried < categoryIds.length; tried += 1) {
    const category = categoryIds[(first + tried) % categoryIds.length] ?? 's';
    const answer = await step(visit, { method: 'POST', path: '/cart', form: { category, count } });
    if (answer === undefined) return 'gaveUp';
    if (answer.status === 303) return 'reserved';
  }
  return 'soldOut';
}

/** One page after a moment of thought; undefined when the fan can't go on. */
async function step({ client, behaviour }: Visit, fanRequest: FanRequest): Promise<FanAnswer | undefined> {
  const { random, signal, counters } = client.options;
  await sleep(random.between(...behaviour.thinks), undefined, { signal });
  const answer = await client.ask(fanRequest);
  if (answer === undefined) return undefined;
  if (answer.header('x-demo-shop') !== undefined || fanRequest.path.startsWith('/assets/')) return answer;
  counters.errors[answer.status === 200 || answer.status === 429 ? 'thrownBack' : 'refused'] += 1;
  return undefined;
}
