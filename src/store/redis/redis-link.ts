// The connection on which commands go: each call with a deadline of ours, none while the server does not answer. Says
// when writes fail and why. What is asked is left to the callers.

import { isStoreError, StoreError } from '../store-error.ts';
import { checkServer, refusalIn, type ServerFacts, wordRefusal } from './check-server.ts';
import { probeKey } from './keys.ts';
import { lookAtCluster } from './look-at-cluster.ts';
import { keepConnecting, openClient, type RedisClient } from './open-client.ts';
import { nameServers, type RedisSettings } from './redis-settings.ts';
import type { Reply } from './replies.ts';
import { nameScriptLine, type Script } from './scripts.ts';
import { tlsHint } from './trusted-authority.ts';

/** After so long an answer is taken for lost. The command may still be carried out. */
const answerMsMax = 1_500;
const probePeriodMs = 500;
/** What the server is may change while it runs, by CONFIG SET or REPLICAOF: it is looked at again so often. */
const lookPeriodMs = 15_000;
/** What Redis refused to a command stays trouble until nothing was refused for so long. */
const refusedMs = 1_000;
/** How long a start waits for the server. */
const openMsMax = 5_000;
/** Calls in flight; beyond it a call fails at once instead of filling the memory. */
const pendingMax = 10_000;

export type ScriptArgument = string | number | Buffer;

export class RedisLink {
  readonly #settings: RedisSettings;
  readonly #client: RedisClient;
  readonly #probeKey: string;
  readonly #pending = new Set<(error: StoreError) => void>();
  readonly #usableListeners = new Set<() => void>();
  readonly #probeTimer: NodeJS.Timeout;
  readonly #stopConnecting: () => void;
  /** Null while there is no connection that was looked at. */
  #facts: ServerFacts | null = null;
  #lastError = 'no connection yet';
  /** Why a write failed lately. */
  #trouble: string | null = null;
  /** True from a missed deadline to the next answer: until then nothing more is sent but the probe. */
  #isSilent = false;
  #isProbing = false;
  /** When a script that writes was last answered, and when a probe was last thought of. */
  #wroteAtMs = 0;
  #probedAtMs = 0;
  #lookedAtMs = 0;
  /** When Redis last answered a command with an error. */
  #refusedAtMs = Number.NEGATIVE_INFINITY;
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
    return this.#call(() =>
      this.#evaluate(script, keys, args).then(
        reply => {
          if (!script.readsOnly) this.#wroteAtMs = performance.now();
          return reply;
        },
        (error: unknown) => {
          const { message } = innermost(error);
          throw new Error(nameScriptLine(message, script), { cause: error });
        },
      ),
    );
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

  async #evaluate(script: Script, keys: readonly string[], args: readonly ScriptArgument[]): Promise<Reply> {
    try {
      return await this.#client.callBuffer('evalsha', script.sha, keys.length, ...keys, ...args);
    } catch (error) {
      // A server that was started anew does not know the script; EVAL tells it.
      if (!innermost(error).message.startsWith('NOSCRIPT')) throw error;
      return await this.#client.callBuffer('eval', script.text, keys.length, ...keys, ...args);
    }
  }

  #call<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    const refused = this.#facts === null || this.#facts.refusal !== null || this.#isSilent;
    if (refused) return Promise.reject(unavailable(this.trouble ?? 'Redis does not answer'));
    if (this.#pending.size >= pendingMax)
      return Promise.reject(unavailable(`${pendingMax} calls already wait for Redis`));
    return this.#within(send).then(
      answer => {
        this.#isSilent = false;
        return answer;
      },
      error => {
        if (isStoreError(error)) this.#trouble ??= error.message;
        throw error;
      },
    );
  }

  /** A command that was in flight when its connection closed never settles by itself. */
  #within<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#pending.delete(fail);
      };
      const fail = (error: StoreError) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => {
        this.#isSilent = true;
        fail(unavailable(`Redis gave no answer within ${answerMsMax} ms`));
      }, answerMsMax);
      this.#pending.add(fail);
      send().then(
        answer => {
          settle();
          resolve(answer);
        },
        (error: unknown) => {
          this.#refusedAtMs = performance.now();
          fail(this.#asStoreError(error));
        },
      );
    });
  }

  #asStoreError(error: unknown): StoreError {
    if (!(error instanceof Error)) return unavailable(String(error));
    const { message } = innermost(error);
    return unavailable(wordRefusal(message, this.#settings), error);
  }

  #lose(): void {
    this.#facts = null;
    this.#isProbing = false;
    this.#isSilent = false;
    for (const fail of [...this.#pending]) fail(unavailable(`the connection to Redis was lost: ${this.#lastError}`));
  }

  async #lookAtServer(): Promise<void> {
    try {
      const facts = await this.#readFacts();
      if (this.#isClosed) return;
      this.#lastError = 'it closed the connection';
      this.#facts = facts;
      this.#lookedAtMs = performance.now();
      this.#trouble = null;
      this.#isSilent = false;
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

  async #readFacts(): Promise<ServerFacts> {
    const client = this.#client;
    if (!('nodes' in client)) {
      const { database } = this.#settings;
      // The client goes on in database 0 where it cannot have the one it is told. // ST122
      if (database !== 0) await this.#within(() => client.select(database));
      return checkServer(await this.#within(() => client.info()), null, this.#settings);
    }
    const clusterInfo = await this.#within(() => client.cluster('INFO'));
    const infos = await Promise.all(client.nodes('master').map(node => this.#within(() => node.info())));
    const checked = infos.map(info => checkServer(info, String(clusterInfo), this.#settings));
    const first = checked.find(({ refusal }) => refusal !== null) ?? checked[0];
    if (first === undefined) throw unavailable('the Cluster has no master');
    return { ...first, warnings: [...new Set(checked.flatMap(({ warnings }) => warnings))] };
  }

  /** One small write now and then tells whether writes work, and ends silence and trouble; other writes tell it as well. */
  #probe(): void {
    if (this.#facts === null || this.#isProbing) return;
    const nowMs = performance.now();
    const isLookDue = this.#facts.refusal !== null || nowMs - this.#lookedAtMs >= lookPeriodMs;
    const isToldByOthers = this.#trouble === null && !this.#isSilent && this.#wroteAtMs > this.#probedAtMs;
    this.#probedAtMs = nowMs;
    if (isToldByOthers && !isLookDue) return;
    this.#isProbing = true;
    const probe = isLookDue ? this.#lookAgain().then(() => this.#tryWrites()) : this.#tryWrites();
    probe.then(
      () => {
        this.#isProbing = false;
        this.#isSilent = false;
        // What was refused to another command is not over because this one is allowed. // ST121
        if (performance.now() - this.#refusedAtMs >= refusedMs) this.#trouble = null;
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
      this.#within(() => this.#client.set(this.#probeKey, '1', 'PX', 10 * probePeriodMs)),
    ];
    if (this.#trouble !== null) tries.push(this.#within(() => this.#client.publish(this.#probeKey, '')));
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

function unavailable(message: string, cause?: unknown): StoreError {
  return new StoreError('unavailable', message, cause === undefined ? undefined : { cause });
}

/** A Cluster wraps what its nodes said. */
function innermost(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { lastNodeError } = error as { lastNodeError?: unknown };
  return lastNodeError instanceof Error ? lastNodeError : error;
}
