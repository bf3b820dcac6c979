// Plays one scenario of the lab: a demo shop and a gateway in processes of their own, simulated fans in this one, and a look
// at all three every second.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { defaultBehaviour, planFan } from '../fans/behaviour.ts';
import { openFanClient } from '../fans/fan-client.ts';
import { type FanCounters, openFanCounters } from '../fans/fan-counters.ts';
import { startFans } from '../fans/fans.ts';
import { visitShop } from '../fans/shop-visit.ts';
import { endProcess, type GatewayProcess, startGateway } from '../k6/gateway-process.ts';
import { seededRandom } from '../seeded-random.ts';
import { kneeAtFirst, labBehaviour, type Scenario } from './scenarios.ts';

/** What happened in one second. */
export type LabSecond = {
  readonly knee: number;
  readonly requests: number;
  readonly served: number;
  /** Answered by the shop with an error: given up, turned away, M941. */
  readonly errors: number;
  /** Errors as the fans saw them, whoever made them; honest answers of the gateway are none. */
  readonly seen: number;
  readonly pacePerMinute: number;
  readonly inside: number;
  readonly waiting: number;
};

export type LabRun = {
  readonly scenario: Scenario;
  readonly seconds: readonly LabSecond[];
  readonly thrownBack: number;
  readonly bought: number;
  /** Honest answers of the gateway's own in place of the shop's. */
  readonly held: number;
  /** Fans who went away because of errors. */
  readonly gaveUp: number;
  /** Of the ranges told along the line: true waits that they held, and did not; and those given up. Null: there is no line. */
  readonly estimates: LabEstimates | null;
};

export type LabEstimates = Readonly<Record<'held' | 'missed' | 'dropped', number>>;

type ShopProcess = { readonly url: string; readonly controlUrl: string; stop(): Promise<unknown> };

export async function playScenario(scenario: Scenario, signal: AbortSignal): Promise<LabRun> {
  const shop = await startShop();
  let gateway: GatewayProcess | null = null;
  try {
    gateway = scenario.room === null ? null : await startGateway(roomOf(scenario.room, shop.url));
    const crowd = gateway === null ? visitDirectly(shop.url, scenario) : comeThrough(gateway.url, scenario);
    const stopBots = sendBots(gateway?.url ?? shop.url, scenario);
    try {
      const seen = () => errorsSeen(crowd.counters());
      const seconds = await watch(scenario, { shop, gateway, seen }, signal);
      const counters = crowd.counters();
      const estimates = gateway === null ? null : await lookAtEstimates(gateway);
      return {
        scenario,
        seconds,
        thrownBack: counters.errors.thrownBack,
        bought: counters.bought,
        held: counters.errors.held,
        gaveUp: counters.gaveUp,
        estimates,
      };
    } finally {
      stopBots();
      await crowd.stop();
    }
  } finally {
    await gateway?.stop();
    await shop.stop();
  }
}

function roomOf({ pacePerMinute, autopilot }: NonNullable<Scenario['room']>, shopUrl: string) {
  const mode = autopilot ? 'on' : 'off';
  return {
    id: 'lab',
    shopUrl,
    pacePerMinute,
    activeCap: 10_000,
    more: {
      match: { bypass: ['/assets/'], checkout: ['/checkout', '/orders', '/cart'] },
      autopilot: { mode, minPerMinute: 60, maxPerMinute: 6_000, errorSignatures: [{ body: 'M941' }] },
    },
  };
}

async function startShop(): Promise<ShopProcess> {
  const script = join(import.meta.dirname, '../shop/main.ts');
  const options = ['--port', '0', '--control-port', '0', '--knee', String(kneeAtFirst), '--restock-after-ms', '1'];
  const child: ChildProcess = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  while (!/control (\S+)\/_lab/.test(said)) {
    if (child.stdout === null) throw new Error('the shop says nothing');
    const [chunk] = await once(child.stdout, 'data');
    said += String(chunk);
  }
  const url = /shop (\S+)/.exec(said)?.[1] ?? '';
  const controlUrl = /control (\S+)\/_lab/.exec(said)?.[1] ?? '';
  return { url, controlUrl, stop: () => endProcess(child, 3_000) };
}

function comeThrough(gatewayUrl: string, { fans, arrivalsPerSecond, behaviour }: Scenario) {
  return startFans({
    gatewayUrl,
    room: 'lab',
    count: fans,
    arrivalsPerSecond,
    seed: 1,
    behaviour: { ...labBehaviour, ...behaviour },
  });
}

/** Fans without a line: each comes, visits, and is followed by another. */
function visitDirectly(shopUrl: string, { fans, arrivalsPerSecond, behaviour }: Scenario) {
  const counters = openFanCounters();
  const controller = new AbortController();
  const { signal } = controller;
  const dispatcher = new Agent({ connections: fans, pipelining: 1 });
  const manner = { ...defaultBehaviour, ...labBehaviour, ...behaviour };
  const live = async (slot: number): Promise<void> => {
    const random = seededRandom(1_000_003 + slot);
    await sleep((slot * 1_000) / arrivalsPerSecond, undefined, { signal });
    for (;;) {
      const client = openFanClient({ gatewayUrl: shopUrl, room: 'lab', dispatcher, random, counters, signal });
      const end = await visitShop({ client, plan: planFan(manner, random), behaviour: manner, fanName: `fan ${slot}` });
      counters[end] += 1;
      await sleep(random.between(...manner.nextFanAfter), undefined, { signal });
    }
  };
  const slots = Array.from({ length: fans }, (_, slot) =>
    live(slot).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
  );
  return {
    counters: () => counters,
    async stop() {
      controller.abort();
      await dispatcher.destroy();
      await Promise.allSettled(slots);
    },
  };
}

/** Requests without a pass, from nobody in particular. Returns its stop function. */
function sendBots(url: string, { bots }: Scenario): () => void {
  if (bots === undefined) return () => undefined;
  const dispatcher = new Agent({ connections: 64 });
  const startsAtMs = Date.now() + bots.fromSecond * 1_000;
  const timer = setInterval(() => {
    if (Date.now() < startsAtMs) return;
    for (let count = 0; count < bots.perSecond / 20; count += 1) {
      request(`${url}/api/stock`, { dispatcher }).then(
        answer => answer.body.dump(),
        // A bot that is turned away at the door is what is wanted.
        () => undefined,
      );
    }
  }, 50);
  return () => {
    clearInterval(timer);
    void dispatcher.destroy();
  };
}

async function watch(
  scenario: Scenario,
  { shop, gateway, seen }: { readonly shop: ShopProcess; readonly gateway: GatewayProcess | null; seen(): number },
  signal: AbortSignal,
): Promise<LabSecond[]> {
  const seconds: LabSecond[] = [];
  let before = { ...(await lookAt(shop)), seen: seen() };
  let isAlive = true;
  const startedAtMs = performance.now();
  for (let second = 0; second < scenario.seconds; second += 1) {
    for (const event of scenario.events.filter(({ atSecond }) => atSecond === second)) {
      if (event.call === 'die') isAlive = false;
      if (event.call === 'revive') isAlive = true;
      await request(`${shop.controlUrl}/_lab/${event.call}`, {
        method: 'POST',
        body: JSON.stringify(event.body ?? {}),
      }).then(answer => answer.body.dump());
    }
    await sleep(Math.max(0, startedAtMs + (second + 1) * 1_000 - performance.now()), undefined, { signal });
    const now = { ...(await lookAt(shop)), seen: seen() };
    const line = gateway === null ? nobody : await lookAtLine(gateway);
    seconds.push({
      knee: isAlive ? now.knee : 0,
      requests: now.requests - before.requests,
      served: now.served - before.served,
      errors: now.errors - before.errors,
      seen: now.seen - before.seen,
      ...line,
    });
    before = now;
  }
  return seconds;
}

async function lookAt({ controlUrl }: ShopProcess) {
  const answer = await request(`${controlUrl}/_lab`);
  const facts = new Map<string, unknown>(Object.entries(Object(await answer.body.json())));
  const count = (name: string): number => Number(facts.get(name) ?? 0);
  return {
    knee: count('requestsPerSecond'),
    requests: count('requests'),
    served: count('served'),
    errors: count('timedOut') + count('refused'),
  };
}

function errorsSeen({ errors }: Pick<FanCounters, 'errors'>): number {
  return errors.network + errors.slow + errors.silent + errors.http5xx + errors.m941;
}

const nobody = { pacePerMinute: 0, inside: 0, waiting: 0 };

async function lookAtLine({ opsUrl }: GatewayProcess): Promise<typeof nobody> {
  const text = await request(`${opsUrl}/metrics`).then(answer => answer.body.text());
  const metric = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  return {
    pacePerMinute: metric(/^junban_pace_per_minute\{[^}]*\} (\S+)/m),
    inside: metric(/^junban_active_passes\{[^}]*\} (\S+)/m),
    waiting: metric(/^junban_line_devices\{[^}]*state="waiting"[^}]*\} (\S+)/m),
  };
}

async function lookAtEstimates({ opsUrl }: GatewayProcess): Promise<LabEstimates> {
  const text = await request(`${opsUrl}/metrics`).then(answer => answer.body.text());
  const count = (outcome: string): number =>
    Number(new RegExp(`^junban_estimates_total\\{[^}]*outcome="${outcome}"[^}]*\\} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
  return { held: count('held'), missed: count('missed'), dropped: count('dropped') };
}
