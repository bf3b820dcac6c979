// The values of Lua and what its operators and libraries do with them, as far as the scripts of the store use them. Text
// is one character a byte, as Redis has it. What is not known here is an error, never a guess.

export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction;
export type LuaFunction = (...given: LuaValue[]) => LuaValue | Several;

/** What a function gives that gives not just one value. */
export class Several {
  readonly values: readonly LuaValue[];
  constructor(values: readonly LuaValue[]) {
    this.values = values;
  }
}

export class LuaTable {
  readonly list: LuaValue[];
  readonly #named = new Map<LuaValue, LuaValue>();

  constructor(list: LuaValue[] = []) {
    this.list = list;
  }

  static of(named: Readonly<Record<string, LuaValue>>): LuaTable {
    const table = new LuaTable();
    for (const [name, value] of Object.entries(named)) table.set(name, value);
    return table;
  }

  get(key: LuaValue): LuaValue {
    if (typeof key === 'number' && key >= 1 && key <= this.list.length) return this.list[key - 1];
    return this.#named.get(key);
  }

  set(key: LuaValue, value: LuaValue): void {
    const { length } = this.list;
    if (typeof key !== 'number' || key < 1 || key > length + 1 || !Number.isInteger(key)) this.#name(key, value);
    else if (value !== undefined) this.#list(key, value);
    else if (key === length) this.list.pop();
    else if (key <= length) this.list[key - 1] = value;
  }

  *entries(): Generator<readonly [LuaValue, LuaValue]> {
    for (const [index, value] of this.list.entries()) if (value !== undefined) yield [index + 1, value];
    yield* this.#named;
  }

  #name(key: LuaValue, value: LuaValue): void {
    if (value === undefined) this.#named.delete(key);
    else this.#named.set(key, value);
  }

  #list(key: number, value: LuaValue): void {
    this.list[key - 1] = value;
    for (let next = this.list.length + 1; this.#named.has(next); next += 1) {
      this.list.push(this.#named.get(next));
      this.#named.delete(next);
    }
  }
}

export function isTrue(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

export function numberOf(value: LuaValue): number {
  const number = toNumber(value);
  if (number === undefined) throw new Error(`Lua: arithmetic on ${typeof value}`);
  return number;
}

export function textOf(value: LuaValue): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') throw new Error(`Lua: ${typeof value} where text is expected`);
  return Number.isInteger(value) && Math.abs(value) < 1e14 ? String(value) : String(Number(value.toPrecision(14)));
}

function tableOf(value: LuaValue): LuaTable {
  if (value instanceof LuaTable) return value;
  throw new Error(`Lua: ${typeof value} where a table is expected`);
}

/** What compiled scripts call. */
export const operators = {
  isTrue,
  number: numberOf,
  table(list: LuaValue[], named: readonly (readonly [string, LuaValue])[] = []): LuaTable {
    const table = new LuaTable(list);
    for (const [name, value] of named) table.set(name, value);
    return table;
  },
  /** What a function gives. */
  give: (values: LuaValue[]) => (values.length === 1 ? values[0] : new Several(values)),
  and: (left: LuaValue, right: () => LuaValue) => (isTrue(left) ? right() : left),
  or: (left: LuaValue, right: () => LuaValue) => (isTrue(left) ? left : right()),
  less(left: LuaValue, right: LuaValue): boolean {
    if (typeof left === 'number' && typeof right === 'number') return left < right;
    if (typeof left === 'string' && typeof right === 'string') return left < right;
    throw new Error(`Lua: ${typeof left} compared with ${typeof right}`);
  },
  join: (left: LuaValue, right: LuaValue) => textOf(left) + textOf(right),
  remainder: (left: LuaValue, right: LuaValue) =>
    numberOf(left) - Math.floor(numberOf(left) / numberOf(right)) * numberOf(right),
  length: (value: LuaValue) => (typeof value === 'string' ? value.length : tableOf(value).list.length),
  get: (table: LuaValue, key: LuaValue) => tableOf(table).get(key),
  set: (table: LuaValue, key: LuaValue, value: LuaValue) => tableOf(table).set(key, value),
  call(called: LuaValue, given: LuaValue[]): LuaValue | Several {
    if (typeof called !== 'function') throw new Error(`Lua: ${typeof called} is called`);
    return called(...given);
  },
  first: (given: LuaValue | Several) => (given instanceof Several ? given.values[0] : given),
  all: (given: LuaValue | Several) => (given instanceof Several ? given.values : [given]),
  /** What a `for … in` goes through. */
  *each(given: LuaValue | Several): Generator<readonly LuaValue[]> {
    const next = operators.first(given);
    for (;;) {
      const values = operators.all(operators.call(next, []));
      if (values[0] === undefined) return;
      yield values;
    }
  },
} as const;

export function luaLibrary(redis: LuaTable): Readonly<Record<string, LuaValue>> {
  return {
    redis,
    tonumber: (value, base) => (base === undefined ? toNumber(value) : Number.parseInt(textOf(value), numberOf(base))),
    tostring: value => (value === undefined ? 'nil' : typeof value === 'boolean' ? String(value) : textOf(value)),
    assert(holds, message = 'assertion failed') {
      if (!isTrue(holds)) throw new Error(`Lua: ${textOf(message)}`);
      return holds;
    },
    error(message) {
      throw new Error(`Lua: ${textOf(message)}`);
    },
    pcall(called, ...given) {
      try {
        return new Several([true, ...operators.all(operators.call(called, given))]);
      } catch (error) {
        return new Several([false, String(error)]);
      }
    },
    pairs: table => {
      const entries = tableOf(table).entries();
      return () => new Several(entries.next().value ?? []);
    },
    ipairs: list => {
      let at = 0;
      return () => {
        const value = tableOf(list).list[at];
        at += 1;
        return new Several(value === undefined ? [] : [at, value]);
      };
    },
    unpack: (table, from = 1, to) => new Several(tableOf(table).list.slice(numberOf(from) - 1, lastOf(to))),
    math: LuaTable.of({
      huge: Number.POSITIVE_INFINITY,
      floor: value => Math.floor(numberOf(value)),
      ceil: value => Math.ceil(numberOf(value)),
      abs: value => Math.abs(numberOf(value)),
      max: (...values) => Math.max(...values.map(numberOf)),
      min: (...values) => Math.min(...values.map(numberOf)),
    }),
    table: LuaTable.of({
      concat: (table, between = '', from = 1, to) =>
        tableOf(table)
          .list.slice(numberOf(from) - 1, lastOf(to))
          .map(textOf)
          .join(textOf(between)),
      sort(table) {
        tableOf(table).list.sort((left, right) => (operators.less(left, right) ? -1 : 1));
        return undefined;
      },
      insert(table, ...given) {
        const { list } = tableOf(table);
        if (given.length === 1) list.push(given[0]);
        else list.splice(numberOf(given[0]) - 1, 0, given[1]);
        return undefined;
      },
    }),
    string: LuaTable.of({
      match: (text, pattern) => {
        const found = patternOf(textOf(pattern), '').exec(textOf(text));
        return found === null ? undefined : capturesIn(found);
      },
      gmatch: (text, pattern) => {
        const found = textOf(text).matchAll(patternOf(textOf(pattern), 'g'));
        return () => {
          const { value } = found.next();
          return value === undefined ? undefined : capturesIn(value);
        };
      },
      format,
      sub: (text, from, to = -1) => {
        const given = textOf(text);
        const at = (index: number) => (index < 0 ? Math.max(0, given.length + index + 1) : index);
        return given.slice(Math.max(1, at(numberOf(from))) - 1, at(numberOf(to)));
      },
      byte: (text, at = 1) => textOf(text).charCodeAt(numberOf(at) - 1),
      char: (...codes) => String.fromCharCode(...codes.map(numberOf)),
      len: text => textOf(text).length,
      rep: (text, times) => textOf(text).repeat(Math.max(0, numberOf(times))),
    }),
  };
}

function lastOf(to: LuaValue): number | undefined {
  return to === undefined ? undefined : numberOf(to);
}

function toNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function capturesIn(found: RegExpMatchArray): LuaValue | Several {
  if (found.length === 1) return found[0];
  // What captures nothing captures where it stands: only at the end, as far as scripts ask for it.
  const end = (found.index ?? 0) + found[0].length + 1;
  return new Several(found.slice(1).map(capture => (capture === '' ? end : capture)));
}

const classes: Readonly<Record<string, string>> = {
  ...{ s: '\\s', S: '\\S', d: '\\d', D: '\\D', w: 'a-zA-Z0-9', x: '0-9A-Fa-f', l: 'a-z', u: 'A-Z', a: 'a-zA-Z' },
};
const patterns = new Map<string, RegExp>();

/** Classes, sets, captures and the simple repetitions; `-` where it repeats as little as possible. */
function patternOf(pattern: string, flags: string): RegExp {
  const known = patterns.get(flags + pattern);
  if (known !== undefined) return new RegExp(known, flags);
  let [text, isInSet] = ['', false];
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern.charAt(at);
    if (sign === '%') {
      at += 1;
      const named = classes[pattern.charAt(at)];
      const isBare = isInSet || named?.startsWith('\\') === true;
      text += named === undefined ? `\\${pattern.charAt(at)}` : isBare ? named : `[${named}]`;
    } else if (isInSet || sign === '[') {
      isInSet = sign !== ']';
      text += sign;
    } else if (sign === '-') text += '*?';
    else text += /[\\{}|/]/.test(sign) ? `\\${sign}` : sign;
  }
  const made = new RegExp(text, flags);
  patterns.set(flags + pattern, made);
  return made;
}

function format(form: LuaValue, ...given: LuaValue[]): string {
  let at = 0;
  return textOf(form).replace(/%(\.0f|d|s|%)/g, (_, kind: string) => {
    if (kind === '%') return '%';
    const value = given[at];
    at += 1;
    if (kind === 's') return textOf(value);
    return kind === 'd' ? String(Math.trunc(numberOf(value))) : numberOf(value).toFixed(0);
  });
}
