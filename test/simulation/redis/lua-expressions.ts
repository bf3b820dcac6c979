// Compiles what gives a value in a script: constants, names, calls, operators, tables and functions. Statements, those in
// the body of a function too, are left to the compiler of the script.

import type { LuaTokens } from './lua-tokens.ts';

/** Names in sight, by what they are called in the compiled text. */
export type Scope = ReadonlyMap<string, string>;

/** A name with what follows it: how it is read, and where it is written. */
type Suffixed = {
  readonly kind: 'value' | 'call';
  readonly code: string;
  readonly table: string | null;
  readonly key: string;
  readonly write: (value: string) => string;
};
const nothing: Suffixed = { kind: 'value', code: '', table: null, key: '', write: () => '' };

const binary: Readonly<Record<string, { readonly power: number; readonly write: (l: string, r: string) => string }>> = {
  or: { power: 1, write: (left, right) => `o.or(${left}, () => ${right})` },
  and: { power: 2, write: (left, right) => `o.and(${left}, () => ${right})` },
  '<': { power: 3, write: (left, right) => `o.less(${left}, ${right})` },
  '>': { power: 3, write: (left, right) => `o.less(${right}, ${left})` },
  '<=': { power: 3, write: (left, right) => `!o.less(${right}, ${left})` },
  '>=': { power: 3, write: (left, right) => `!o.less(${left}, ${right})` },
  '==': { power: 3, write: (left, right) => `(${left} === ${right})` },
  '~=': { power: 3, write: (left, right) => `(${left} !== ${right})` },
  '..': { power: 4, write: (left, right) => `o.join(${left}, ${right})` },
  '+': { power: 5, write: (left, right) => `(o.number(${left}) + o.number(${right}))` },
  '-': { power: 5, write: (left, right) => `(o.number(${left}) - o.number(${right}))` },
  '*': { power: 6, write: (left, right) => `(o.number(${left}) * o.number(${right}))` },
  '/': { power: 6, write: (left, right) => `(o.number(${left}) / o.number(${right}))` },
  '%': { power: 6, write: (left, right) => `o.remainder(${left}, ${right})` },
};
const unaryPower = 7;

export class LuaExpressions {
  readonly #tokens: LuaTokens;
  /** Compiles statements up to the word that ends them. */
  readonly #block: (scope: Scope) => string;
  #names = 0;

  constructor(tokens: LuaTokens, block: (scope: Scope) => string) {
    this.#tokens = tokens;
    this.#block = block;
  }

  /** A name that is used nowhere else in the compiled text. */
  fresh(name: string): string {
    this.#names += 1;
    return `${name}$${this.#names}`;
  }

  /** Of the last one everything that it gives. */
  list(scope: Scope): string {
    const values: string[] = [];
    do {
      const begun = this.#tokens.at;
      const value = this.one(scope);
      if (this.#tokens.next.text === ',') values.push(value);
      else {
        this.#tokens.at = begun;
        values.push(`...o.all(${this.one(scope, true)})`);
      }
    } while (this.#tokens.takes(','));
    return values.join(', ');
  }

  one(scope: Scope, givesAll = false, least = 0): string {
    let left = this.#unary(scope, givesAll);
    for (;;) {
      const operator = binary[this.#tokens.next.text];
      if (this.#tokens.next.kind === 'text' || operator === undefined || operator.power <= least) return left;
      if (givesAll) left = `o.first(${left})`;
      const text = this.#tokens.read();
      // Joining binds to the right.
      const right = this.one(scope, false, text === '..' ? operator.power - 1 : operator.power);
      left = operator.write(left, right);
    }
  }

  #unary(scope: Scope, givesAll: boolean): string {
    if (this.#tokens.takes('not')) return `!o.isTrue(${this.one(scope, false, unaryPower)})`;
    if (this.#tokens.takes('#')) return `o.length(${this.one(scope, false, unaryPower)})`;
    if (this.#tokens.takes('-')) return `(-o.number(${this.one(scope, false, unaryPower)}))`;
    const { kind } = this.#tokens.next;
    if (kind === 'text' || kind === 'number') return this.#tokens.read();
    for (const constant of ['true', 'false', 'nil']) {
      if (this.#tokens.takes(constant)) return constant === 'nil' ? 'undefined' : constant;
    }
    if (this.#tokens.takes('{')) return this.#table(scope);
    if (this.#tokens.takes('function')) return this.functionIn(scope);
    const { kind: what, code } = this.suffixed(scope);
    return what === 'call' && !givesAll ? `o.first(${code})` : code;
  }

  #table(scope: Scope): string {
    const values: string[] = [];
    const named: string[] = [];
    while (this.#tokens.next.text !== '}') {
      if (this.#tokens.next.kind === 'name' && this.#tokens.afterNext.text === '=') {
        const name = this.#tokens.name();
        this.#tokens.must('=');
        named.push(`[${JSON.stringify(name)}, ${this.one(scope)}]`);
        this.#tokens.takes(',');
        continue;
      }
      const begun = this.#tokens.at;
      const value = this.one(scope);
      if (this.#tokens.next.text === '}') {
        this.#tokens.at = begun;
        values.push(`...o.all(${this.one(scope, true)})`);
      } else {
        values.push(value);
        this.#tokens.must(',');
      }
    }
    this.#tokens.must('}');
    return `o.table([${values.join(', ')}], [${named.join(', ')}])`;
  }

  suffixed(scope: Scope): Suffixed {
    let made: Suffixed;
    if (this.#tokens.takes('(')) {
      made = { ...nothing, kind: 'call', code: this.one(scope) };
      this.#tokens.must(')');
    } else {
      const known = scope.get(this.#tokens.next.text);
      if (known === undefined) throw new Error(`Lua: ${this.#tokens.next.text} is not known`);
      this.#tokens.name();
      made = { ...nothing, code: known, write: value => `${known} = ${value};` };
    }
    for (;;) {
      const before = made.kind === 'call' ? `o.first(${made.code})` : made.code;
      if (this.#tokens.takes('(')) {
        const given = this.#tokens.next.text === ')' ? '' : this.list(scope);
        this.#tokens.must(')');
        made = { ...nothing, kind: 'call', code: `o.call(${before}, [${given}])` };
      } else if (this.#tokens.takes('.')) {
        const key = JSON.stringify(this.#tokens.name());
        made = { ...nothing, table: before, key, code: `o.get(${before}, ${key})` };
      } else if (this.#tokens.takes('[')) {
        const key = this.one(scope);
        this.#tokens.must(']');
        made = { ...nothing, table: before, key, code: `o.get(${before}, ${key})` };
      } else return made;
    }
  }

  functionIn(outer: Scope): string {
    const scope = new Map(outer);
    const names: string[] = [];
    this.#tokens.must('(');
    while (!this.#tokens.takes(')')) {
      const name = this.#tokens.name();
      scope.set(name, this.fresh(name));
      names.push(scope.get(name) ?? '');
      this.#tokens.takes(',');
    }
    const body = this.#block(scope);
    this.#tokens.must('end');
    return `((${names.join(', ')}) => {${body}})`;
  }
}
