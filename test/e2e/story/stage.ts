// The stage of the story: the demo shop, a real gateway process with its store on disk, and rivals in line who are plain
// sockets. What the fan sees is left to the tests.

import type { Page } from 'playwright-core';
import { request } from 'undici';
import { WebSocket } from 'ws';
import { openShop, type RunningShop } from '../../../loadtest/shop/shop.ts';
import type { Phone } from '../../support/browser.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';

export const room = 'sale';

export interface Rival {
  readonly number: number;
  /** Asks for a pass; gives the status code of the answer. */
  readonly claim: () => Promise<number>;
  /** Settles when the gateway has called this rival. */
  readonly called: Promise<void>;
  readonly leave: () => Promise<void>;
}

export interface Stage {
  readonly gateway: GatewayProcess;
  readonly shop: RunningShop;
  readonly join: () => Promise<Rival>;
  /** Throws one of the shop's switches. */
  readonly lab: (command: string, fields?: object) => Promise<void>;
  readonly operate: (method: 'PUT' | 'POST', command: string, body?: object) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A room where the first device walks in and then nobody for a minute, unless `change` says otherwise. */
export async function openStage(
  change: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<Stage> {
  const shop = await openShop({ port: 0, controlPort: 0 });
  const gateway = await GatewayProcess.start({
    more,
    rooms: [{ id: room, shop: shop.url, pacePerMinute: 1, claimWindow: '1m', graceTime: '2s', ...change }],
  });
  const sockets = new Set<WebSocket>();
  return {
    gateway,
    shop,
    join: () => joinAsRival(gateway, sockets),
    lab: async (command, fields = {}) => {
      const answer = await request(`${shop.controlUrl}/_lab/${command}`, {
        method: 'POST',
        body: JSON.stringify(fields),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${command}: ${text}`);
    },
    operate: async (method, command, body) => {
      await gateway.operate(method, `${room}/${command}`, body);
    },
    stop: async () => {
      for (const socket of sockets) socket.terminate();
      await gateway.remove();
      await shop.stop();
    },
  };
}

async function joinAsRival(gateway: GatewayProcess, sockets: Set<WebSocket>): Promise<Rival> {
  const address = (path: string): string => `${gateway.url}/_junban/v1/${path}?room=${room}`;
  const joined = await request(address('tickets'), { method: 'POST' });
  const { ticket, status } = (await joined.body.json()) as { ticket: string; status: { number: number } };
  const headers = { authorization: `Bearer ${ticket}`, origin: gateway.url };
  const socket = new WebSocket(address('socket').replace('http', 'ws'), 'junban.v1', { headers });
  sockets.add(socket);
  const opened = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  socket.on('message', (data: Buffer) => {
    opened.resolve();
    if (/"state":"(?:called|entering)"/.test(data.toString())) called.resolve();
  });
  // A killed gateway cuts its rivals too; those who matter are the phones.
  socket.on('error', opened.reject);
  await opened.promise;
  const ask = async (method: 'POST' | 'DELETE', path: string): Promise<number> => {
    const answer = await request(address(path), { method, headers });
    await answer.body.dump();
    return answer.statusCode;
  };
  return {
    number: status.number,
    claim: () => ask('POST', 'passes'),
    called: called.promise,
    leave: async () => {
      await ask('DELETE', 'tickets/current');
      socket.close();
    },
  };
}

/** What went wrong on that phone: errors, refusals by the content policy, hosts that are not the gateway. */
export function faultsOf(phone: Phone, { gateway }: Stage): readonly string[] {
  const { host } = new URL(gateway.url);
  return [...phone.errors, ...[...phone.origins].filter(origin => new URL(origin).host !== host)];
}

/** The number on the fan's screen. */
export const shownAhead = async (page: Page): Promise<string> => (await page.locator('#value').textContent()) ?? '';

export async function seeAhead(page: Page, ahead: number, withinMs = 15_000): Promise<void> {
  await page.locator('#value', { hasText: new RegExp(`^${ahead}$`) }).waitFor({ timeout: withinMs });
}

/** The fan's own arrival number, as the facts show it. */
export const shownNumber = async (page: Page): Promise<string> =>
  (await page.locator('#facts div', { hasText: 'Ticket code' }).locator('dd').textContent())?.slice(0, -1) ?? '';

export const seeLive = (page: Page): Promise<void> =>
  page.locator('#connection[data-connection="live"]').waitFor({ timeout: 20_000 });

/** Marks the document, so that a reload can be told from a page that went on by itself. */
export const markDocument = (page: Page): Promise<void> => page.evaluate('void (document.unloadedNever = true)');
export const isSameDocument = (page: Page): Promise<boolean> => page.evaluate('document.unloadedNever === true');
