// The words and signs of a Lua script, and a reader that goes through them. What they mean is left to the compiler.

export type Token = { readonly kind: 'name' | 'text' | 'number' | 'sign' | 'end'; readonly text: string };

const end: Token = { kind: 'end', text: '' };

export class LuaTokens {
  readonly #tokens: readonly Token[];
  /** How many were read. May be set back, to read them in another way. */
  at = 0;

  constructor(text: string) {
    this.#tokens = [...tokensIn(text)];
  }

  get next(): Token {
    return this.#tokens[this.at] ?? end;
  }

  get afterNext(): Token {
    return this.#tokens[this.at + 1] ?? end;
  }

  /** Reads the next one. */
  read(): string {
    const { text } = this.next;
    this.at += 1;
    return text;
  }

  /** Reads the next one if it is this word or sign. */
  takes(text: string): boolean {
    if (this.next.text !== text || this.next.kind === 'text') return false;
    this.at += 1;
    return true;
  }

  must(text: string): void {
    if (!this.takes(text)) throw this.unknown();
  }

  name(): string {
    if (this.next.kind !== 'name') throw this.unknown();
    return this.read();
  }

  unknown(): Error {
    return new Error(`Lua: "${this.next.text}" is not understood here`);
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
