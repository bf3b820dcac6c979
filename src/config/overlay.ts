// Lays the JUNBAN_ variables over the file: the environment goes before the file, secrets come from variables or files.
// Whether the values are good is the schema's business; here only the variables themselves are checked.
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';
import { isFromKubernetes, isSecret, type Variable, variableNames, variables } from './environment-variables.ts';
import { didYouMean } from './nearest.ts';
import type { Parsed } from './parsed.ts';
import type { Problem } from './problems.ts';
import { checkSecret, readSecret, readWebhookSecret } from './secret-file.ts';
import { at, isTree, listAt, type Tree, textAt, without, withValue } from './tree.ts';

export interface Overlay {
  readonly tree: Tree;
  readonly secrets: Secrets;
  /** Which variable set a key, so that a problem with it is told by the variable's name. */
  readonly variableOf: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

export interface Secrets {
  readonly opsToken: string | null;
  /** Of `ops.tokens`, in its order; null: it could not be read. */
  readonly opsTokens: readonly (string | null)[];
  /** Of `webhooks`, in its order; null: it could not be read. */
  readonly webhookSecrets: readonly (string | null)[];
  readonly storePassword: string | null;
  readonly sentinelPassword: string | null;
}

export function layOver(file: Tree, environment: Environment, folder: string): Overlay {
  const problems: Problem[] = unknownVariables(environment);
  const given = new Map<string, string>();
  const variableOf = new Map<string, string>();
  for (const variable of variables) {
    const value = givenBy(variable, environment, problems);
    if (value === undefined) continue;
    given.set(variable.key, value);
    variableOf.set(variable.key, `${variable.name}${variable.name in environment ? '' : '_FILE'}`);
  }
  let tree = pickStore(file, given);
  for (const variable of variables) {
    const value = given.get(variable.key);
    const isUnused = variable.key === 'store.path' && at(tree, 'store', 'kind') === 'redis';
    if (value !== undefined && variable.kind !== 'secret' && !isUnused) {
      tree = withValue(tree, variable.key.split('.'), valueFor(variable, value));
    }
  }
  const secret = (key: string, ...fileKey: string[]) =>
    given.get(key) ?? secretFromFile(tree, fileKey, folder, problems);
  const secretsOf = (keys: readonly string[], fileKey: string, read = readSecret) =>
    listAt(tree, ...keys).map((entry, index) => {
      const file = textAt(entry, fileKey);
      if (file === undefined || file === '') return null;
      return take(read(resolve(folder, file)), `${keys.join('.')}[${index}].${fileKey}`, problems) ?? null;
    });
  const secrets = {
    opsTokens: secretsOf(['ops', 'tokens'], 'tokenFile'),
    webhookSecrets: secretsOf(['webhooks'], 'secretFile', readWebhookSecret),
    opsToken: secret('ops.token', 'ops', 'tokenFile'),
    storePassword: secret('store.password', 'store', 'passwordFile'),
    sentinelPassword: secret('store.sentinel.password', 'store', 'sentinel', 'passwordFile'),
  };
  return { tree, secrets, variableOf, problems };
}

function unknownVariables(environment: Environment): Problem[] {
  return Object.entries(environment)
    .filter(
      ([name, value]) => name.startsWith('JUNBAN_') && !variableNames.includes(name) && !isFromKubernetes(name, value),
    )
    .map(([name]) => ({ path: name, message: `is not a known variable${didYouMean(name, variableNames)}` }));
}

function givenBy(variable: Variable, environment: Environment, problems: Problem[]): string | undefined {
  const { name } = variable;
  const [value, file] = [environment[name], isSecret(variable) ? environment[`${name}_FILE`] : undefined];
  const path = value === undefined ? `${name}_FILE` : name;
  if (value === undefined && file === undefined) return undefined;
  if (value !== undefined && file !== undefined) {
    problems.push({ path: name, message: `is set and ${name}_FILE as well: keep one of them` });
    return undefined;
  }
  if ((value ?? file) === '') {
    problems.push({ path, message: 'is empty: give it a value or unset it' });
    return undefined;
  }
  if (!isSecret(variable)) return value;
  return take(file === undefined ? checkSecret(value ?? '') : readSecret(resolve(file)), path, problems);
}

function secretFromFile(tree: Tree, keys: readonly string[], folder: string, problems: Problem[]): string | null {
  const file = textAt(tree, ...keys);
  if (file === undefined || file === '') return null;
  return take(readSecret(resolve(folder, file)), keys.join('.'), problems) ?? null;
}

function take(outcome: Parsed<string>, path: string, problems: Problem[]): string | undefined {
  if (outcome.kind === 'ok') return outcome.value;
  problems.push({ path, message: outcome.message });
  return undefined;
}

/**
 * JUNBAN_STORE_KIND or an address of Redis replaces a file's store of the other kind. A folder never does: images and
 * units set one for the case that the store is embedded, and a file that says redis must stay with Redis.
 */
function pickStore(file: Tree, given: ReadonlyMap<string, string>): Tree {
  const hasUrl = given.has('store.url');
  const wanted = given.get('store.kind') ?? (hasUrl ? 'redis' : undefined);
  const store = at(file, 'store');
  if (store === undefined && (wanted !== undefined || given.has('store.path'))) {
    return { ...file, store: { kind: wanted ?? 'embedded' } };
  }
  if (wanted !== undefined && isTree(store) && store.kind !== wanted) return { ...file, store: { kind: wanted } };
  return hasUrl && isTree(store) ? { ...file, store: without(store, 'url', 'sentinel', 'cluster') } : file;
}

/** A path in a variable is relative to the working folder; one in the file to the file's folder. */
function valueFor(variable: Variable, value: string): string | readonly string[] {
  if (variable.kind === 'list') return splitList(value);
  return variable.kind === 'path' ? resolve(value) : value;
}

const splitList = (value: string): string[] =>
  value
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '');
