// The log level that an operator set while gateways run: it stands in the store and holds at all of them within a second,
// also at those that start later, until it is set back to what each one's configuration says.
import type { OperatorsStore } from '../store/operators-store.ts';
import { type LogLevel, logLevels } from './log.ts';

export type LogLevelFacts = { readonly level: LogLevel; readonly configured: LogLevel };

const documentName = 'log-level';
const refreshPeriodMs = 800;
const triesMax = 5;

export class SharedLogLevel {
  readonly #store: OperatorsStore;
  readonly #log: { level: string };
  readonly #configured: LogLevel;
  #refreshing: NodeJS.Timeout | null = null;

  /** Rejects while the store cannot be read. */
  static async open(store: OperatorsStore, log: { level: string }): Promise<SharedLogLevel> {
    const shared = new SharedLogLevel(store, log);
    await shared.refresh();
    shared.#refreshing = setInterval(() => {
      // A store that is away changes nothing about what is logged; it is asked again.
      shared.refresh().catch(() => undefined);
    }, refreshPeriodMs).unref();
    return shared;
  }

  private constructor(store: OperatorsStore, log: { level: string }) {
    this.#store = store;
    this.#log = log;
    this.#configured = levelIn(log.level) ?? 'info';
  }

  get facts(): LogLevelFacts {
    return { level: levelIn(this.#log.level) ?? this.#configured, configured: this.#configured };
  }

  /** Null: what the configuration says. */
  async set(level: LogLevel | null): Promise<void> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const previous = await this.#store.readDocument(documentName);
      if (!(await this.#store.replaceDocument(documentName, previous, JSON.stringify({ level })))) continue;
      this.#log.level = level ?? this.#configured;
      return;
    }
    throw new Error(`the log level changed ${triesMax} times while it was being changed`);
  }

  async refresh(): Promise<void> {
    const text = await this.#store.readDocument(documentName);
    const { level = null } = text === null ? {} : (JSON.parse(text) as { readonly level?: string | null });
    const wanted = (level === null ? null : levelIn(level)) ?? this.#configured;
    if (this.#log.level !== wanted) this.#log.level = wanted;
  }

  stop(): void {
    if (this.#refreshing !== null) clearInterval(this.#refreshing);
  }
}

/** Null: no level of ours. */
function levelIn(text: string): LogLevel | null {
  return logLevels.find(level => level === text) ?? null;
}
