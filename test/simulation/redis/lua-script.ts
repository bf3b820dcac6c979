// Compiles a script of the store from Lua to a function, so that simulated gateways run the very scripts that Redis runs.
// Knows what those use of the language and refuses everything else.

import { LuaExpressions, type Scope } from './lua-expressions.ts';
import { LuaTokens } from './lua-tokens.ts';
import { type LuaTable, type LuaValue, luaLibrary, operators } from './lua-values.ts';

export type CompiledScript = (keys: LuaTable, given: LuaTable, redis: LuaTable) => LuaValue;

const keywords = new Set(['and', 'or', 'not', 'end', 'else', 'elseif', 'then', 'do', 'until', 'in', 'goto', 'repeat']);

export function compileLua(text: string): CompiledScript {
  const body = new LuaCompiler(text).compile();
  const names = Object.keys(luaLibrary(operators.table([])));
  const run = new Function('o', 'KEYS', 'ARGV', ...names, body);
  return (keys, given, redis) => operators.first(run(operators, keys, given, ...Object.values(luaLibrary(redis))));
}

/** Statements, and with them the whole script. */
class LuaCompiler {
  readonly #tokens: LuaTokens;
  readonly #expressions: LuaExpressions;

  constructor(text: string) {
    this.#tokens = new LuaTokens(text);
    this.#expressions = new LuaExpressions(this.#tokens, scope => this.#block(scope));
  }

  compile(): string {
    const globals = ['KEYS', 'ARGV', ...Object.keys(luaLibrary(operators.table([])))];
    const body = this.#block(new Map(globals.map(name => [name, name])));
    if (this.#tokens.next.kind !== 'end') throw this.#tokens.unknown();
    return body;
  }

  #block(outer: Scope): string {
    const scope = new Map(outer);
    const lines: string[] = [];
    while (this.#tokens.next.kind !== 'end' && !['end', 'else', 'elseif', 'until'].includes(this.#tokens.next.text)) {
      lines.push(this.#statement(scope));
    }
    return lines.join('\n');
  }

  #statement(scope: Map<string, string>): string {
    const { text } = this.#tokens.next;
    if (this.#tokens.takes('local')) return this.#local(scope);
    if (this.#tokens.takes('if')) return this.#if(scope);
    if (this.#tokens.takes('for')) return this.#for(scope);
    if (this.#tokens.takes('while')) {
      const condition = this.#expressions.one(scope);
      return `while (o.isTrue(${condition})) {${this.#inside('do', scope)}}`;
    }
    if (this.#tokens.takes('break')) return 'break;';
    if (this.#tokens.takes('return')) {
      const isBare = this.#tokens.next.kind === 'end' || ['end', 'else', 'elseif'].includes(this.#tokens.next.text);
      return isBare ? 'return undefined;' : `return o.give([${this.#expressions.list(scope)}]);`;
    }
    if (keywords.has(text)) throw this.#tokens.unknown();
    return this.#assignment(scope);
  }

  #local(scope: Map<string, string>): string {
    if (this.#tokens.takes('function')) {
      const name = this.#tokens.name();
      scope.set(name, this.#expressions.fresh(name));
      return `const ${scope.get(name)} = ${this.#expressions.functionIn(scope)};`;
    }
    const names = [this.#tokens.name()];
    while (this.#tokens.takes(',')) names.push(this.#tokens.name());
    const values = this.#tokens.takes('=') ? this.#expressions.list(scope) : '';
    for (const name of names) scope.set(name, this.#expressions.fresh(name));
    return `let [${names.map(name => scope.get(name)).join(', ')}] = [${values}];`;
  }

  #if(scope: Scope): string {
    let made = `if (o.isTrue(${this.#expressions.one(scope)})) {`;
    this.#tokens.must('then');
    made += `${this.#block(scope)}}`;
    while (this.#tokens.takes('elseif')) {
      made += ` else if (o.isTrue(${this.#expressions.one(scope)})) {`;
      this.#tokens.must('then');
      made += `${this.#block(scope)}}`;
    }
    if (this.#tokens.takes('else')) made += ` else {${this.#block(scope)}}`;
    this.#tokens.must('end');
    return made;
  }

  #for(outer: Scope): string {
    const scope = new Map(outer);
    const names = [this.#tokens.name()];
    while (this.#tokens.takes(',')) names.push(this.#tokens.name());
    if (this.#tokens.takes('in')) {
      const each = this.#expressions.one(outer, true);
      for (const name of names) scope.set(name, this.#expressions.fresh(name));
      const list = names.map(name => scope.get(name)).join(', ');
      return `for (const [${list}] of o.each(${each})) {${this.#inside('do', scope)}}`;
    }
    this.#tokens.must('=');
    const [from, to, step] = [
      this.#expressions.fresh('from'),
      this.#expressions.fresh('to'),
      this.#expressions.fresh('step'),
    ];
    const bounds = [this.#expressions.one(outer)];
    while (this.#tokens.takes(',')) bounds.push(this.#expressions.one(outer));
    const [name] = names;
    const given = this.#expressions.fresh(name ?? '');
    scope.set(name ?? '', given);
    const begin = `const ${from} = ${bounds[0]}, ${to} = ${bounds[1]}, ${step} = ${bounds[2] ?? '1'};`;
    const head = `for (let at = ${from}; ${step} > 0 ? at <= ${to} : at >= ${to}; at += ${step})`;
    return `{${begin} ${head} { let ${given} = at; ${this.#inside('do', scope)}}}`;
  }

  #inside(opening: string, scope: Scope): string {
    this.#tokens.must(opening);
    const body = this.#block(scope);
    this.#tokens.must('end');
    return body;
  }

  #assignment(scope: Scope): string {
    const first = this.#expressions.suffixed(scope);
    if (first.kind === 'call') return `${first.code};`;
    const targets = [first];
    while (this.#tokens.takes(',')) targets.push(this.#expressions.suffixed(scope));
    this.#tokens.must('=');
    // Where they go is known before anything is written.
    const values = this.#expressions.fresh('values');
    const places = targets.map(({ table, key, write }, index) => {
      if (table === null) return { before: '', write: write(`${values}[${index}]`) };
      const [into, at] = [this.#expressions.fresh('into'), this.#expressions.fresh('at')];
      return {
        before: `const ${into} = ${table}, ${at} = ${key};`,
        write: `o.set(${into}, ${at}, ${values}[${index}]);`,
      };
    });
    const before = places.map(place => place.before).join(' ');
    const writes = places.map(place => place.write).join(' ');
    return `{${before} const ${values} = [${this.#expressions.list(scope)}]; ${writes}}`;
  }
}
