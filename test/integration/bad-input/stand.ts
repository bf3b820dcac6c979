// A gateway process before a shop that records every byte, and what the tests of bad input ask of both.

import { readFileSync } from 'node:fs';
import { GatewayProcess, type RoomConfig } from '../../support/gateway-process.ts';
import { type RecordingShop, requestText, sendRaw, startRecordingShop } from '../../support/raw-http.ts';

export const pageHeaders = ['Host: shop.test', 'Accept: text/html'];

export type Stand = {
  readonly gateway: GatewayProcess;
  readonly shop: RecordingShop;
  /** Resident memory of the gateway process in bytes. */
  memoryBytes(): number;
  /** Walks in and gives the pair of cookies as a Cookie header's value. */
  enter(headers?: readonly string[]): Promise<string>;
  /** How long one well-behaved request to the gateway itself takes. */
  neighbourMs(): Promise<number>;
  stop(): Promise<void>;
};

export async function openStand(
  rooms: (shop: RecordingShop) => readonly RoomConfig[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<Stand> {
  const shop = await startRecordingShop();
  const gateway = await GatewayProcess.start({ rooms: rooms(shop), more });
  return {
    gateway,
    shop,
    memoryBytes: () => memoryOf(gateway.pid),
    enter: headers => enterAt(gateway.port, headers),
    async neighbourMs() {
      const startedAtMs = performance.now();
      const answer = await sendRaw(
        gateway.port,
        requestText('GET /_junban/v1/jwks.json HTTP/1.1', ['Host: shop.test']),
      );
      if (answer.status !== 200) throw new Error(`the neighbour got ${answer.status}: ${answer.text}`);
      return performance.now() - startedAtMs;
    },
    async stop() {
      await gateway.remove();
      await shop.close();
    },
  };
}

/** One room over everything in which one device may be inside, so that whoever has no pass is not let through. */
export function fullRoom(shop: RecordingShop): readonly RoomConfig[] {
  return [{ id: 'sale', shop: shop.origin, activeCap: 1, pacePerMinute: 6_000 }];
}

export async function enterAt(port: number, headers: readonly string[] = pageHeaders): Promise<string> {
  const answer = await sendRaw(port, requestText('GET /enter HTTP/1.1', headers));
  const cookies = cookiePairs(answer.headers.get('set-cookie') ?? '');
  if (answer.status !== 200 || !cookies.includes('junban-pass-')) throw new Error(`nobody was let in: ${answer.text}`);
  return cookies;
}

/** `a=1; b=2` out of Set-Cookie lines. */
export function cookiePairs(setCookies: string): string {
  return setCookies
    .split('\n')
    .map(line => line.split(';')[0])
    .join('; ');
}

function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** The 99th percentile. */
export function percentile99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN;
}
