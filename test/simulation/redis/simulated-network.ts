// What lies between simulated gateways and their server: which server answers, what a replica of it still has, and where
// messages go. A failover puts the replica in its place, and whatever the replica had not heard of is lost.

import type { SimulatedLink } from './simulated-link.ts';
import { type Ran, SimulatedRedis } from './simulated-redis.ts';

export class SimulatedNetwork {
  readonly links = new Set<SimulatedLink>();
  /** When the server last lost something, or may have. */
  lossAtMs = Number.NEGATIVE_INFINITY;
  /** When the replica that took over last had last heard of its master. */
  heardUntilMs = Number.NEGATIVE_INFINITY;
  /** When somebody was last not told that a device came or went: without it that is known later. */
  movedLostAtMs = Number.NEGATIVE_INFINITY;
  readonly #nowMs: () => number;
  readonly #serverAheadMs: () => number;
  #servers = 1;
  #server: SimulatedRedis;
  #replica: { readonly server: SimulatedRedis; readonly atMs: number };
  #isLagging = false;

  constructor(
    nowMs: () => number,
    onRan: (ran: Ran) => void = () => undefined,
    /** By how much the clock of the next server is ahead. */
    serverAheadMs: () => number = () => 0,
  ) {
    this.#nowMs = nowMs;
    this.#serverAheadMs = serverAheadMs;
    this.#server = new SimulatedRedis('run-1', nowMs, (...told) => this.#tell(...told), onRan);
    this.#replica = { server: this.#server, atMs: nowMs() };
  }

  get server(): SimulatedRedis {
    return this.#server;
  }

  /** What takes over next. */
  get replica(): SimulatedRedis {
    return this.#replica.server;
  }

  /** The replica has everything now, unless it was cut off. */
  replicate(): void {
    if (this.#isLagging) return;
    this.#servers += 1;
    const aheadMs = this.#serverAheadMs();
    const server = this.#server.copy(`run-${this.#servers}`, () => this.#nowMs() + aheadMs);
    this.#replica = { server, atMs: this.#nowMs() };
  }

  /** From now on the replica hears nothing more. */
  cutReplicaOff(): void {
    this.replicate();
    this.#isLagging = true;
  }

  failOver(): void {
    this.lossAtMs = this.#nowMs();
    this.heardUntilMs = this.#replica.atMs;
    this.#server = this.#replica.server;
    this.#isLagging = false;
    for (const link of this.links) link.lose();
  }

  flush(): void {
    this.lossAtMs = this.#nowMs();
    this.heardUntilMs = this.lossAtMs;
    this.#server.flush();
    // A replica that hears its master is emptied as well.
    this.replicate();
  }

  #tell(channel: string, message: string, from: SimulatedRedis): void {
    for (const link of this.links) link.hear(channel, message, from);
  }
}
