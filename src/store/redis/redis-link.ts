// The connection on which commands go: none while the server does not answer, or is not fit. Says when writes fail and
// why. What is asked is left to the callers.

import { isStoreError } from '../store-error.ts';
import { CallsInFlight } from './calls-in-flight.ts';
import { refusalIn, type ServerFacts } from './check-server.ts';
import { probeKey } from './keys.ts';
import { lookAtCluster } from './look-at-cluster.ts';
import { keepConnecting, openClient, type RedisClient } from './open-client.ts';
import { readServer } from './read-server.ts';
import { nameServers, type RedisSettings } from './redis-settings.ts';
import type { Reply } from './replies.ts';
import { runScript, type ScriptArgument } from './run-script.ts';
import type { Script } from './scripts.ts';
import { asStoreError, innermost, unavailable } from './server-error.ts';
import { tlsHint } from './trusted-authority.ts';

const probePeriodMs = 500;
/** What the server is may change while it runs, by CONFIG SET or REPLICAOF: it is looked at again so often. */
const lookPeriodMs = 15_000;
/** What Redis refused to a command stays trouble until nothing was refused for so long. */
const refusedMs = 1_000;
/** How long a start waits for the server. */
const openMsMax = 5_000;
/** Calls in flight; beyond it a call fails at once instead of filling the memory. */
const pendingMax = 10_000;

export class RedisLink {
  readonly #settings: RedisSettings;
  readonly #client: RedisClient;
  readonly #probeKey: string;
  readonly #calls: CallsInFlight;
  readonly #usableListeners = new Set<() => void>();
  readonly #probeTimer: NodeJS.Timeout;
  readonly #stopConnecting: () => void;
  /** Null while there is no connection that was looked at. */
  #facts: ServerFacts | null = null;
  #lastError = 'no connection yet';
  /** Why a write failed lately. */
  #trouble: string | null = null;
  #isProbing = false;
  /** When a script that writes was last answered, and when a probe was last thought of. */
  #wroteAtMs = 0;
  #probedAtMs = 0;
  #lookedAtMs = 0;
  #isClosed = false;

  /** Rejects with StoreError when the server cannot be reached, refuses us, or is not fit. */
  static async open(settings: RedisSettings, instance: string): Promise<RedisLink> {
    const refusal = await lookAtCluster(settings);
    if (refusal !== null) throw unavailable(`store: ${refusal} (Redis at ${nameServers(settings)})`);
    const link = new RedisLink(settings, instance);
    try {
      await link.#opened();
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  private constructor(settings: RedisSettings, instance: string) {
    this.#settings = settings;
    this.#client = openClient(settings);
    this.#calls = new CallsInFlight(error => asStoreError(error, settings));
    this.#probeKey = probeKey(settings.keyPrefix, instance);
    this.#client.on('error', (error: Error) => {
      this.#lastError = innermost(error).message;
    });
    this.#client.on('ready', () => void this.#lookAtServer());
    this.#client.on('close', () => this.#lose());
    this.#stopConnecting = keepConnecting(this.#client);
    this.#probeTimer = setInterval(() => this.#probe(), probePeriodMs);
  }

  get client(): RedisClient {
    return this.#client;
  }

  /** The run id of the server; '' on a Cluster, where it depends on the key. */
  get runId(): string {
    return this.#settings.servers.kind === 'cluster' ? '' : (this.#facts?.runId ?? '');
  }

  get warnings(): readonly string[] {
    return this.#facts?.warnings ?? [];
  }

  /** Why writes fail now; null while they do not. */
  get trouble(): string | null {
    if (this.#facts !== null) return this.#facts.refusal ?? this.#trouble;
    const reason = refusalIn(this.#lastError, this.#settings) ?? this.#lastError;
    return `no connection to Redis at ${nameServers(this.#settings)}: ${reason}`;
  }

  /** Called after every connection that was lost and is usable again. Returns its stop function. */
  onUsable(listener: () => void): () => void {
    this.#usableListeners.add(listener);
    return () => this.#usableListeners.delete(listener);
  }

  /** Runs a script. Strings in the reply are Buffers. */
  run(script: Script, keys: readonly string[], args: readonly ScriptArgument[]): Promise<Reply> {
    return this.#call(async () => {
      const reply = await runScript(this.#client, script, keys, args);
      if (!script.readsOnly) this.#wroteAtMs = performance.now();
      return reply;
    });
  }

  /** Tells everybody who is subscribed; how many these are is known only outside of a Cluster. */
  async publish(channel: string, message: string): Promise<number | null> {
    const receivers = await this.#call(() => this.#client.publish(channel, message));
    return this.#settings.servers.kind === 'cluster' ? null : receivers;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#probeTimer);
    this.#stopConnecting();
    this.#lastError = 'the store is closed';
    this.#lose();
    this.#client.disconnect();
  }

  #call<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    const refused = this.#facts === null || this.#facts.refusal !== null || this.#calls.isSilent;
    if (refused) return Promise.reject(unavailable(this.trouble ?? 'Redis does not answer'));
    if (this.#calls.count >= pendingMax)
      return Promise.reject(unavailable(`${pendingMax} calls already wait for Redis`));
    return this.#calls.within(send).then(
      answer => {
        this.#calls.answered();
        return answer;
      },
      error => {
        if (isStoreError(error)) this.#trouble ??= error.message;
        throw error;
      },
    );
  }

  #lose(): void {
    this.#facts = null;
    this.#isProbing = false;
    this.#calls.failAll(`the connection to Redis was lost: ${this.#lastError}`);
  }

  async #lookAtServer(): Promise<void> {
    try {
      const facts = await this.#readFacts();
      if (this.#isClosed) return;
      this.#lastError = 'it closed the connection';
      this.#facts = facts;
      this.#lookedAtMs = performance.now();
      this.#trouble = null;
      this.#calls.answered();
      for (const listener of this.#usableListeners) listener();
    } catch (error) {
      // The connection broke, or the user may not ask: the start reports it, later the next connection is looked at.
      this.#lastError = innermost(isStoreError(error) ? (error.cause ?? error) : error).message;
      if (!this.#isClosed && this.#client.status === 'ready') this.#client.disconnect(true);
    }
  }

  /** A refusal may have ended, or begun. What fails is told by the probe. // ST120 */
  async #lookAgain(): Promise<void> {
    this.#lookedAtMs = performance.now();
    const facts = await this.#readFacts();
    if (this.#isClosed || this.#facts === null) return;
    const wasRefused = this.#facts.refusal !== null;
    this.#facts = facts;
    if (!wasRefused || facts.refusal !== null) return;
    for (const listener of this.#usableListeners) listener();
  }

  #readFacts(): Promise<ServerFacts> {
    return readServer(this.#client, this.#settings, send => this.#calls.within(send));
  }

  /** One small write now and then tells whether writes work, and ends silence and trouble; other writes tell it as well. */
  #probe(): void {
    if (this.#facts === null || this.#isProbing) return;
    const nowMs = performance.now();
    const isLookDue = this.#facts.refusal !== null || nowMs - this.#lookedAtMs >= lookPeriodMs;
    const isToldByOthers = this.#trouble === null && !this.#calls.isSilent && this.#wroteAtMs > this.#probedAtMs;
    this.#probedAtMs = nowMs;
    if (isToldByOthers && !isLookDue) return;
    this.#isProbing = true;
    const probe = isLookDue ? this.#lookAgain().then(() => this.#tryWrites()) : this.#tryWrites();
    probe.then(
      () => {
        this.#isProbing = false;
        this.#calls.answered();
        // What was refused to another command is not over because this one is allowed. // ST121
        if (performance.now() - this.#calls.refusedAtMs >= refusedMs) this.#trouble = null;
      },
      (error: unknown) => {
        this.#isProbing = false;
        this.#trouble ??= innermost(error).message;
      },
    );
  }

  async #tryWrites(): Promise<void> {
    if (this.#facts === null || this.#facts.refusal !== null) return;
    const tries: Promise<unknown>[] = [
      this.#calls.within(() => this.#client.set(this.#probeKey, '1', 'PX', 10 * probePeriodMs)),
    ];
    if (this.#trouble !== null) tries.push(this.#calls.within(() => this.#client.publish(this.#probeKey, '')));
    await Promise.all(tries);
  }

  #opened(): Promise<void> {
    const where = nameServers(this.#settings);
    return new Promise((resolve, reject) => {
      const end = (outcome: () => void) => {
        clearInterval(timer);
        outcome();
      };
      const startedAtMs = performance.now();
      const timer = setInterval(() => {
        const refusal = this.#facts === null ? refusalIn(this.#lastError, this.#settings) : this.#facts.refusal;
        if (refusal !== null) end(() => reject(unavailable(`store: ${refusal} (Redis at ${where})`)));
        else if (this.#facts !== null) end(resolve);
        else if (performance.now() - startedAtMs > openMsMax) {
          end(() =>
            reject(
              unavailable(
                `store: Redis at ${where} is not reached: ${this.#lastError}${tlsHint(this.#lastError, this.#settings)}`,
              ),
            ),
          );
        }
      }, 5);
    });
  }
}
