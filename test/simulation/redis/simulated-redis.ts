// A server of the simulation: runs the scripts of src/store/redis/lua on its own data, each at one instant of the virtual
// clock. It can be copied, as a replica is, and emptied. test/integration/redis/simulated.test.ts compares it with Redis.

import { createHash } from 'node:crypto';
import type { Script } from '../../../src/store/redis/scripts.ts';
import { type CompiledScript, compileLua } from './lua-script.ts';
import { LuaTable, type LuaValue, textOf } from './lua-values.ts';

type Stored = string | string[] | Map<string, string> | SortedSet;
class SortedSet {
  readonly scores = new Map<string, number>();
}

/** A script that ran. */
export type Ran = {
  readonly server: SimulatedRedis;
  readonly script: Script;
  readonly keys: readonly string[];
  readonly given: readonly (string | number | Buffer)[];
  readonly reply: unknown;
};
type Publish = (channel: string, message: string, from: SimulatedRedis) => void;

const compiled = new Map<string, CompiledScript>();

export class SimulatedRedis {
  readonly runId: string;
  readonly #nowMs: () => number;
  readonly #publish: Publish;
  readonly #onRan: (ran: Ran) => void;
  #data = new Map<string, Stored>();
  #flushes = 0;

  constructor(runId: string, nowMs: () => number, publish: Publish, onRan: (ran: Ran) => void) {
    this.runId = runId;
    this.#nowMs = nowMs;
    this.#publish = publish;
    this.#onRan = onRan;
  }

  /** What it has now, as another process with a clock of its own. */
  copy(runId: string, nowMs = this.#nowMs): SimulatedRedis {
    const copy = new SimulatedRedis(runId, nowMs, this.#publish, this.#onRan);
    for (const [key, stored] of this.#data) copy.#data.set(key, copyOf(stored));
    copy.#flushes = this.#flushes;
    return copy;
  }

  flush(): void {
    this.#data.clear();
    this.#flushes += 1;
  }

  run(script: Script, keys: readonly string[], given: readonly (string | number | Buffer)[]): unknown {
    let run = compiled.get(script.sha);
    if (run === undefined) {
      run = compileLua(script.text);
      compiled.set(script.sha, run);
    }
    const redis = LuaTable.of({
      call: (...words) => this.#command(words),
      pcall: (...words) => this.#command(words),
      sha1hex: text =>
        createHash('sha1')
          .update(Buffer.from(textOf(text), 'latin1'))
          .digest('hex'),
      // Of no meaning here: a replica is a copy of what there is when a script has ended.
      set_repl: () => undefined,
      REPL_NONE: 0,
      REPL_ALL: 3,
    });
    const reply = replyOf(run(new LuaTable(keys.map(bytesOf)), new LuaTable(given.map(bytesOf)), redis));
    this.#onRan({ server: this, script, keys, given, reply });
    return reply;
  }

  publish(channel: string, message: string): void {
    this.#publish(channel, message, this);
  }

  get flushes(): number {
    return this.#flushes;
  }

  /** The commands that give another server what this one has now. */
  dump(): readonly (readonly [string, string, ...Buffer[]])[] {
    return [...this.#data].flatMap(([key, stored]) => {
      const [command, words] = writingOf(stored);
      return words.length === 0 ? [] : [[command, key, ...words.map(word => Buffer.from(word, 'latin1'))] as const];
    });
  }

  /** A field of a hash, for who looks at the server from outside. */
  field(key: string, field: string): string | undefined {
    return this.#hash(key).get(field);
  }

  score(key: string, member: string): number | undefined {
    return this.#sorted(key).scores.get(member);
  }

  list(key: string): readonly string[] {
    return this.#list(key);
  }

  #command(words: LuaValue[]): LuaValue {
    const [name = '', key = '', ...rest] = words.map(textOf);
    const command = this.#commands[name];
    if (command === undefined) throw new Error(`the simulated Redis knows no ${name}`);
    return command(key, rest);
  }

  readonly #commands: Readonly<Record<string, (key: string, rest: string[]) => LuaValue>> = {
    TIME: () => {
      const nowMs = this.#nowMs();
      return new LuaTable([String(Math.floor(nowMs / 1_000)), String(Math.floor((nowMs % 1_000) * 1_000))]);
    },
    INFO: section => {
      if (section === 'server') return `# Server\r\nrun_id:${this.runId}\r\n`;
      if (section === 'commandstats')
        return this.#flushes === 0 ? '' : `cmdstat_flushall:calls=${this.#flushes},usec=1\r\n`;
      throw new Error(`the simulated Redis knows no INFO ${section}`);
    },
    PUBLISH: (channel, [message = '']) => {
      this.#publish(channel, Buffer.from(message, 'latin1').toString(), this);
      return 0;
    },
    DEL: (key, rest) => [key, ...rest].filter(each => this.#data.delete(each)).length,
    GET: key => this.#text(key) ?? false,
    SET: (key, [value = '', ...options]) => {
      if (options.length > 0) throw new Error(`the simulated Redis knows no SET with ${options[0]}`);
      this.#data.set(key, value);
      return LuaTable.of({ ok: 'OK' });
    },
    BITOP: (operator, [into = '', ...from]) => {
      if (operator !== 'OR') throw new Error(`the simulated Redis knows no BITOP ${operator}`);
      const texts = from.map(key => Buffer.from(this.#text(key) ?? '', 'latin1'));
      const all = Buffer.alloc(Math.max(...texts.map(({ length }) => length)));
      for (const text of texts) for (const [at, byte] of text.entries()) all[at] = (all[at] ?? 0) | byte;
      this.#data.set(into, all.toString('latin1'));
      return all.length;
    },
    HGET: (key, [field = '']) => this.#hash(key).get(field) ?? false,
    HMGET: (key, fields) => new LuaTable(fields.map(field => this.#hash(key).get(field) ?? false)),
    HSET: (key, rest) => {
      const hash = this.#hash(key);
      for (let at = 0; at < rest.length; at += 2) hash.set(rest[at] ?? '', rest[at + 1] ?? '');
      this.#data.set(key, hash);
      return rest.length / 2;
    },
    HDEL: (key, fields) => fields.filter(field => this.#hash(key).delete(field)).length,
    LLEN: key => this.#list(key).length,
    LINDEX: (key, [index]) => this.#list(key).at(Number(index)) ?? false,
    LRANGE: (key, [from, to]) => new LuaTable(sliceOf(this.#list(key), from, to)),
    LTRIM: (key, [from, to]) => {
      const kept = sliceOf(this.#list(key), from, to);
      if (kept.length > 0) this.#data.set(key, kept);
      else this.#data.delete(key);
      return LuaTable.of({ ok: 'OK' });
    },
    RPUSH: (key, values) => {
      const list = this.#list(key);
      list.push(...values);
      this.#data.set(key, list);
      return list.length;
    },
    ZADD: (key, [score, member = '']) => {
      const { scores } = this.#sorted(key);
      scores.set(member, Number(score));
      return 1;
    },
    ZREM: (key, members) => members.filter(member => this.#sorted(key).scores.delete(member)).length,
    ZRANGEBYSCORE: (key, [from, to, limit, offset, count]) => {
      const bounds = [boundOf(from), boundOf(to)] as const;
      const found = [...this.#sorted(key).scores]
        .filter(([, score]) => score >= bounds[0] && score <= bounds[1])
        .sort(([left, leftScore], [right, rightScore]) => leftScore - rightScore || (left < right ? -1 : 1))
        .map(([member]) => member);
      return new LuaTable(limit === undefined ? found : found.slice(Number(offset), Number(offset) + Number(count)));
    },
  };

  #text(key: string): string | undefined {
    const stored = this.#data.get(key);
    if (stored === undefined || typeof stored === 'string') return stored;
    throw wrongType(key);
  }

  #hash(key: string): Map<string, string> {
    const stored = this.#data.get(key) ?? new Map<string, string>();
    if (stored instanceof Map) return stored;
    throw wrongType(key);
  }

  #list(key: string): string[] {
    const stored = this.#data.get(key) ?? [];
    if (Array.isArray(stored)) return stored;
    throw wrongType(key);
  }

  #sorted(key: string): SortedSet {
    const stored = this.#data.get(key) ?? new SortedSet();
    if (!(stored instanceof SortedSet)) throw wrongType(key);
    this.#data.set(key, stored);
    return stored;
  }
}

function wrongType(key: string): Error {
  return new Error(`WRONGTYPE ${key}`);
}

function copyOf(stored: Stored): Stored {
  if (typeof stored === 'string') return stored;
  if (Array.isArray(stored)) return [...stored];
  if (stored instanceof Map) return new Map(stored);
  const copy = new SortedSet();
  for (const [member, score] of stored.scores) copy.scores.set(member, score);
  return copy;
}

function writingOf(stored: Stored): readonly [string, readonly string[]] {
  if (typeof stored === 'string') return ['SET', [stored]];
  if (Array.isArray(stored)) return ['RPUSH', stored];
  if (stored instanceof Map) return ['HSET', [...stored].flat()];
  return ['ZADD', [...stored.scores].flatMap(([member, score]) => [String(score), member])];
}

function sliceOf(list: readonly string[], from = '0', to = '-1'): string[] {
  const last = Number(to) < 0 ? list.length + Number(to) : Number(to);
  return list.slice(Number(from), last + 1);
}

function boundOf(text = ''): number {
  return text === '-inf' ? Number.NEGATIVE_INFINITY : text === '+inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function bytesOf(given: string | number | Buffer): string {
  return (Buffer.isBuffer(given) ? given : Buffer.from(String(given))).toString('latin1');
}

function replyOf(value: LuaValue): unknown {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string') return Buffer.from(value, 'latin1');
  if (value === true) return 1;
  if (value === undefined || value === false) return null;
  if (!(value instanceof LuaTable)) throw new Error('Lua: a script gives a function');
  const ok = value.get('ok');
  return ok === undefined ? value.list.map(replyOf) : replyOf(ok);
}
