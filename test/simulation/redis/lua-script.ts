// Compiles a script of the store from Lua to a function, so that simulated gateways run the very scripts that Redis runs.
// Knows what those use of the language and refuses everything else.

import { type LuaTable, type LuaValue, luaLibrary, operators } from './lua-values.ts';

export type CompiledScript = (keys: LuaTable, given: LuaTable, redis: LuaTable) => LuaValue;

type Token = { readonly kind: 'name' | 'text' | 'number' | 'sign' | 'end'; readonly text: string };
/** Names in sight, by what they are called in the compiled text. */
type Scope = ReadonlyMap<string, string>;

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
const keywords = new Set(['and', 'or', 'not', 'end', 'else', 'elseif', 'then', 'do', 'until', 'in', 'goto', 'repeat']);

export function compileLua(text: string): CompiledScript {
  const body = new LuaCompiler(text).compile();
  const names = Object.keys(luaLibrary(operators.table([])));
  const run = new Function('o', 'KEYS', 'ARGV', ...names, body);
  return (keys, given, redis) => operators.first(run(operators, keys, given, ...Object.values(luaLibrary(redis))));
}

class LuaCompiler {
  readonly #tokens: readonly Token[];
  #at = 0;
  #names = 0;

  constructor(text: string) {
    this.#tokens = [...tokensIn(text)];
  }

  compile(): string {
    const globals = ['KEYS', 'ARGV', ...Object.keys(luaLibrary(operators.table([])))];
    const body = this.#block(new Map(globals.map(name => [name, name])));
    if (this.#next.kind !== 'end') throw this.#unknown();
    return body;
  }

  #block(outer: Scope): string {
    const scope = new Map(outer);
    const lines: string[] = [];
    while (this.#next.kind !== 'end' && !['end', 'else', 'elseif', 'until'].includes(this.#next.text)) {
      lines.push(this.#statement(scope));
    }
    return lines.join('\n');
  }

  #statement(scope: Map<string, string>): string {
    const { text } = this.#next;
    if (this.#takes('local')) return this.#local(scope);
    if (this.#takes('if')) return this.#if(scope);
    if (this.#takes('for')) return this.#for(scope);
    if (this.#takes('while')) {
      const condition = this.#expression(scope);
      return `while (o.isTrue(${condition})) {${this.#inside('do', scope)}}`;
    }
    if (this.#takes('break')) return 'break;';
    if (this.#takes('return')) {
      const isBare = this.#next.kind === 'end' || ['end', 'else', 'elseif'].includes(this.#next.text);
      return isBare ? 'return undefined;' : `return o.give([${this.#list(scope)}]);`;
    }
    if (keywords.has(text)) throw this.#unknown();
    return this.#assignment(scope);
  }

  #local(scope: Map<string, string>): string {
    if (this.#takes('function')) {
      const name = this.#name();
      scope.set(name, this.#fresh(name));
      return `const ${scope.get(name)} = ${this.#function(scope)};`;
    }
    const names = [this.#name()];
    while (this.#takes(',')) names.push(this.#name());
    const values = this.#takes('=') ? this.#list(scope) : '';
    for (const name of names) scope.set(name, this.#fresh(name));
    return `let [${names.map(name => scope.get(name)).join(', ')}] = [${values}];`;
  }

  #if(scope: Scope): string {
    let made = `if (o.isTrue(${this.#expression(scope)})) {`;
    this.#must('then');
    made += `${this.#block(scope)}}`;
    while (this.#takes('elseif')) {
      made += ` else if (o.isTrue(${this.#expression(scope)})) {`;
      this.#must('then');
      made += `${this.#block(scope)}}`;
    }
    if (this.#takes('else')) made += ` else {${this.#block(scope)}}`;
    this.#must('end');
    return made;
  }

  #for(outer: Scope): string {
    const scope = new Map(outer);
    const names = [this.#name()];
    while (this.#takes(',')) names.push(this.#name());
    if (this.#takes('in')) {
      const each = this.#expression(outer, true);
      for (const name of names) scope.set(name, this.#fresh(name));
      const list = names.map(name => scope.get(name)).join(', ');
      return `for (const [${list}] of o.each(${each})) {${this.#inside('do', scope)}}`;
    }
    this.#must('=');
    const [from, to, step] = [this.#fresh('from'), this.#fresh('to'), this.#fresh('step')];
    const bounds = [this.#expression(outer)];
    while (this.#takes(',')) bounds.push(this.#expression(outer));
    const [name] = names;
    const given = this.#fresh(name ?? '');
    scope.set(name ?? '', given);
    const begin = `const ${from} = ${bounds[0]}, ${to} = ${bounds[1]}, ${step} = ${bounds[2] ?? '1'};`;
    const head = `for (let at = ${from}; ${step} > 0 ? at <= ${to} : at >= ${to}; at += ${step})`;
    return `{${begin} ${head} { let ${given} = at; ${this.#inside('do', scope)}}}`;
  }

  #inside(opening: string, scope: Scope): string {
    this.#must(opening);
    const body = this.#block(scope);
    this.#must('end');
    return body;
  }

  #function(outer: Scope): string {
    const scope = new Map(outer);
    const names: string[] = [];
    this.#must('(');
    while (!this.#takes(')')) {
      const name = this.#name();
      scope.set(name, this.#fresh(name));
      names.push(scope.get(name) ?? '');
      this.#takes(',');
    }
    const body = this.#block(scope);
    this.#must('end');
    return `((${names.join(', ')}) => {${body}})`;
  }

  #assignment(scope: Scope): string {
    const first = this.#suffixed(scope);
    if (first.kind === 'call') return `${first.code};`;
    const targets = [first];
    while (this.#takes(',')) targets.push(this.#suffixed(scope));
    this.#must('=');
    // Where they go is known before anything is written.
    const values = this.#fresh('values');
    const places = targets.map(({ table, key, write }, index) => {
      if (table === null) return { before: '', write: write(`${values}[${index}]`) };
      const [into, at] = [this.#fresh('into'), this.#fresh('at')];
      return {
        before: `const ${into} = ${table}, ${at} = ${key};`,
        write: `o.set(${into}, ${at}, ${values}[${index}]);`,
      };
    });
    const before = places.map(place => place.before).join(' ');
    const writes = places.map(place => place.write).join(' ');
    return `{${before} const ${values} = [${this.#list(scope)}]; ${writes}}`;
  }

  /** Of the last one everything that it gives. */
  #list(scope: Scope): string {
    const values: string[] = [];
    do {
      const begun = this.#at;
      const value = this.#expression(scope);
      if (this.#next.text === ',') values.push(value);
      else {
        this.#at = begun;
        values.push(`...o.all(${this.#expression(scope, true)})`);
      }
    } while (this.#takes(','));
    return values.join(', ');
  }

  #expression(scope: Scope, givesAll = false, least = 0): string {
    let left = this.#unary(scope, givesAll);
    for (;;) {
      const operator = binary[this.#next.text];
      if (this.#next.kind === 'text' || operator === undefined || operator.power <= least) return left;
      if (givesAll) left = `o.first(${left})`;
      const { text } = this.#next;
      this.#at += 1;
      // Joining binds to the right.
      const right = this.#expression(scope, false, text === '..' ? operator.power - 1 : operator.power);
      left = operator.write(left, right);
    }
  }

  #unary(scope: Scope, givesAll: boolean): string {
    if (this.#takes('not')) return `!o.isTrue(${this.#expression(scope, false, unaryPower)})`;
    if (this.#takes('#')) return `o.length(${this.#expression(scope, false, unaryPower)})`;
    if (this.#takes('-')) return `(-o.number(${this.#expression(scope, false, unaryPower)}))`;
    const { kind, text } = this.#next;
    if (kind === 'text' || kind === 'number') {
      this.#at += 1;
      return text;
    }
    for (const constant of ['true', 'false', 'nil']) {
      if (this.#takes(constant)) return constant === 'nil' ? 'undefined' : constant;
    }
    if (this.#takes('{')) return this.#table(scope);
    if (this.#takes('function')) return this.#function(scope);
    const { kind: what, code } = this.#suffixed(scope);
    return what === 'call' && !givesAll ? `o.first(${code})` : code;
  }

  #table(scope: Scope): string {
    const values: string[] = [];
    const named: string[] = [];
    while (this.#next.text !== '}') {
      if (this.#next.kind === 'name' && this.#tokens[this.#at + 1]?.text === '=') {
        const name = this.#name();
        this.#must('=');
        named.push(`[${JSON.stringify(name)}, ${this.#expression(scope)}]`);
        this.#takes(',');
        continue;
      }
      const begun = this.#at;
      const value = this.#expression(scope);
      if (this.#next.text === '}') {
        this.#at = begun;
        values.push(`...o.all(${this.#expression(scope, true)})`);
      } else {
        values.push(value);
        this.#must(',');
      }
    }
    this.#must('}');
    return `o.table([${values.join(', ')}], [${named.join(', ')}])`;
  }

  #suffixed(scope: Scope): Suffixed {
    let made: Suffixed;
    if (this.#takes('(')) {
      made = { ...nothing, kind: 'call', code: this.#expression(scope) };
      this.#must(')');
    } else {
      const known = scope.get(this.#next.text);
      if (known === undefined) throw new Error(`Lua: ${this.#next.text} is not known`);
      this.#name();
      made = { ...nothing, code: known, write: value => `${known} = ${value};` };
    }
    for (;;) {
      const before = made.kind === 'call' ? `o.first(${made.code})` : made.code;
      if (this.#takes('(')) {
        const given = this.#next.text === ')' ? '' : this.#list(scope);
        this.#must(')');
        made = { ...nothing, kind: 'call', code: `o.call(${before}, [${given}])` };
      } else if (this.#takes('.')) {
        const key = JSON.stringify(this.#name());
        made = { ...nothing, table: before, key, code: `o.get(${before}, ${key})` };
      } else if (this.#takes('[')) {
        const key = this.#expression(scope);
        this.#must(']');
        made = { ...nothing, table: before, key, code: `o.get(${before}, ${key})` };
      } else return made;
    }
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #takes(text: string): boolean {
    if (this.#next.text !== text || this.#next.kind === 'text') return false;
    this.#at += 1;
    return true;
  }

  #must(text: string): void {
    if (!this.#takes(text)) throw this.#unknown();
  }

  #name(): string {
    const { kind, text } = this.#next;
    if (kind !== 'name') throw this.#unknown();
    this.#at += 1;
    return text;
  }

  #fresh(name: string): string {
    this.#names += 1;
    return `${name}$${this.#names}`;
  }

  #unknown(): Error {
    return new Error(`Lua: "${this.#next.text}" is not understood here`);
  }
}

const tokenPattern =
  /\s+|--[^\n]*|([A-Za-z_]\w*)|('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(\d+\.?\d*)|(\.\.|[=~<>]=|[-+*/%#<>=(){}[\],.;])/gy;

function* tokensIn(text: string): Generator<Token> {
  let end = 0;
  for (const found of text.matchAll(tokenPattern)) {
    end = found.index + found[0].length;
    const [, name, quoted, number, sign] = found;
    if (name !== undefined) yield { kind: 'name', text: name };
    else if (quoted !== undefined) yield { kind: 'text', text: quoted };
    else if (number !== undefined) yield { kind: 'number', text: number };
    else if (sign !== undefined && sign !== ';') yield { kind: 'sign', text: sign };
  }
  if (end !== text.length) throw new Error(`Lua: "${text.slice(end, end + 20)}" is not understood`);
}
