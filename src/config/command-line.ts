// The command line as a value. Nothing is run or printed here; each mistake is one line that says what would be right.
import { parseArgs } from 'node:util';
import { numberOfCode } from '../page/ticket-code.ts';
import { commandNames, type HelpTopic, helpTopics } from './help-text.ts';
import { didYouMean } from './nearest.ts';

export type Command =
  | { readonly kind: 'serve'; readonly configPath: string; readonly processes: number | 'auto' }
  | { readonly kind: 'check'; readonly configPath: string }
  | { readonly kind: 'schema' }
  | DemoCommand
  | { readonly kind: 'keys'; readonly action: 'init' | 'rotate'; readonly keys: KeysPlace }
  /** `number`: says the place of this arrival number too. */
  | { readonly kind: 'verify-draw'; readonly file: string; readonly number: number | null }
  /** `outPath`: the folder that the report is written to. */
  | { readonly kind: 'report'; readonly room: string; readonly configPath: string; readonly outPath: string }
  | { readonly kind: 'help'; readonly topic: HelpTopic | null }
  | { readonly kind: 'version' }
  | { readonly kind: 'problem'; readonly message: string };

/** null: the demo's own default. */
export interface DemoCommand {
  readonly kind: 'demo';
  readonly fresh: boolean;
  readonly port: number | null;
  readonly opsPort: number | null;
  readonly fans: number | null;
  readonly dataPath: string | null;
}

export type KeysPlace =
  | { readonly kind: 'config'; readonly configPath: string }
  | { readonly kind: 'folder'; readonly path: string };

const configPathDefault = 'junban.yaml';
const processesMax = 64;
const fansMax = 15_000;

type OptionTypes = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string }>>;
type Values = Readonly<Record<string, string | boolean | undefined>>;

/** A slip of the person at the keyboard; it never leaves this file. */
class Slip extends Error {}

/** `argv` without the program: `process.argv.slice(2)`. */
export function parseCommand(argv: readonly string[]): Command {
  try {
    return commandOf(argv);
  } catch (error) {
    if (error instanceof Slip) return { kind: 'problem', message: error.message };
    throw error;
  }
}

const config: OptionTypes = { config: { type: 'string', short: 'c' } };

function commandOf([name, ...rest]: readonly string[]): Command {
  switch (name) {
    case undefined:
    case '-h':
    case '--help':
      return { kind: 'help', topic: null };
    case '-v':
    case '--version':
    case 'version':
      return { kind: 'version' };
    case 'help':
      return helpOf(rest);
    case 'serve':
      return read(name, rest, { ...config, processes: { type: 'string' } }, [], values => ({
        kind: name,
        configPath: configPathOf(values),
        processes: processesOf(values),
      }));
    case 'check':
      return read(name, rest, config, [], values => ({ kind: name, configPath: configPathOf(values) }));
    case 'schema':
      return read(name, rest, {}, [], () => ({ kind: name }));
    case 'demo':
      return demoOf(rest);
    case 'keys':
      return keysOf(rest);
    case 'report':
      return read(name, rest, { ...config, out: { type: 'string' } }, ['ROOM'], (values, [room = '']) => ({
        ...{ kind: name, room, configPath: configPathOf(values), outPath: textOf(values, 'out') ?? '.' },
      }));
    case 'verify-draw':
      return read(name, rest, {}, ['FILE', '[NUMBER]'], (_, [file = '', number]) => ({
        kind: name,
        file,
        number: number === undefined ? null : arrivalNumberOf(number),
      }));
    default: {
      if (name.startsWith('-'))
        throw new Slip(`${shown(name)} stands before a command: junban COMMAND [options], see "junban help"`);
      const guess = didYouMean(name, commandNames);
      throw new Slip(`unknown command ${shown(name)}${guess || ': see "junban help"'}`);
    }
  }
}

function processesOf(values: Values): number | 'auto' {
  if (textOf(values, 'processes') === 'auto') return 'auto';
  return numberOf(values, 'processes', 1, processesMax) ?? 1;
}

function demoOf(rest: readonly string[]): Command {
  const options: OptionTypes = {
    fresh: { type: 'boolean' },
    port: { type: 'string' },
    'ops-port': { type: 'string' },
    fans: { type: 'string' },
    data: { type: 'string' },
  };
  return read('demo', rest, options, [], values => {
    const [port, opsPort] = [numberOf(values, 'port', 0, 65_535), numberOf(values, 'ops-port', 0, 65_535)];
    if (port !== null && port !== 0 && port === opsPort)
      throw new Slip(`--port and --ops-port are both ${port}: they need two ports`);
    const fans = numberOf(values, 'fans', 0, fansMax);
    return { kind: 'demo', fresh: values.fresh === true, port, opsPort, fans, dataPath: textOf(values, 'data') };
  });
}

function keysOf(rest: readonly string[]): Command {
  return read('keys', rest, { ...config, path: { type: 'string' } }, ['init|rotate'], (values, [action = '']) => {
    if (action !== 'init' && action !== 'rotate') {
      throw new Slip(
        `unknown action ${shown(action)}${didYouMean(action, ['init', 'rotate']) || ': junban keys init|rotate'}`,
      );
    }
    const path = textOf(values, 'path');
    if (path === null) return { kind: 'keys', action, keys: { kind: 'config', configPath: configPathOf(values) } };
    if (values.config !== undefined) throw new Slip('--config and --path are both given: keep one of them');
    return { kind: 'keys', action, keys: { kind: 'folder', path } };
  });
}

function helpOf([topic, ...more]: readonly string[]): Command {
  if (topic === undefined) return { kind: 'help', topic: null };
  const known = helpTopics.find(name => name === topic);
  if (known === undefined)
    throw new Slip(`no help on ${shown(topic)}${didYouMean(topic, helpTopics) || ': see "junban help"'}`);
  if (more.length > 0) throw new Slip(`unexpected ${shown(more[0] ?? '')}: junban help [COMMAND]`);
  return { kind: 'help', topic: known };
}

/** Splits options from names of things, refuses what the command does not know, and answers --help in every place. */
function read(
  name: HelpTopic,
  rest: readonly string[],
  options: OptionTypes,
  things: readonly string[],
  make: (values: Values, named: readonly string[]) => Command,
): Command {
  const { tokens } = parseArgs({
    args: [...rest],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean> = {};
  const named: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      named.push(token.value);
      continue;
    }
    if (token.name === 'help') return { kind: 'help', topic: name };
    values[token.name] = optionValue(name, token, options, values);
  }
  const extra = named[things.length];
  if (extra !== undefined) throw new Slip(`unexpected ${shown(extra)}: see "junban help ${name}"`);
  const missing = things[named.length];
  // What stands in brackets may be left out.
  if (missing !== undefined && !missing.startsWith('['))
    throw new Slip(`${name} needs ${missing}: junban ${name} ${things.join(' ')}`);
  return make(values, named);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function optionValue(name: string, token: OptionToken, options: OptionTypes, values: Values): string | boolean {
  const { rawName, value } = token;
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
  if (option === undefined) {
    const known = Object.keys(options).map(key => `--${key}`);
    throw new Slip(`unknown option ${shown(rawName)}${didYouMean(rawName, known) || `: see "junban help ${name}"`}`);
  }
  if (Object.hasOwn(values, token.name)) throw new Slip(`${rawName} is given twice`);
  if (option.type === 'boolean') {
    if (value !== undefined) throw new Slip(`${rawName} takes no value`);
    return true;
  }
  const looksLikeOption = token.inlineValue !== true && value?.startsWith('-') === true && value !== '-';
  if (value === undefined || value === '' || looksLikeOption)
    throw new Slip(`${rawName} needs a value: see "junban help ${name}"`);
  return value;
}

const textOf = (values: Values, key: string): string | null => {
  const value = values[key];
  return typeof value === 'string' ? value : null;
};

const configPathOf = (values: Values): string => textOf(values, 'config') ?? configPathDefault;

function numberOf(values: Values, key: string, least: number, most: number): number | null {
  const text = textOf(values, key);
  if (text === null) return null;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Slip(`--${key} must be a whole number from ${least} to ${most}, not ${shown(text)}`);
}

function arrivalNumberOf(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const number = numberOfCode(text);
  if (number !== null) return number;
  throw new Slip(
    `NUMBER must be the number of a ticket, as in 0 or 4711, or its code as in 18204B, not ${shown(text)}`,
  );
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));
