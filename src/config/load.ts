// From file and environment to settings, or to every problem at once. Exits nothing, prints nothing, reads nothing twice.
import { dirname } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { crossCheck } from './cross-checks.ts';
import type { Environment } from './environment.ts';
import { layOver } from './overlay.ts';
import { type Problem, problemsOf, wordIssue } from './problems.ts';
import { fileSchema } from './schema.ts';
import { readText } from './secret-file.ts';
import type { Settings } from './settings.ts';
import { settingsFrom } from './settings-from.ts';
import { isTree, type Tree } from './tree.ts';

export type Loaded =
  | { readonly kind: 'ok'; readonly settings: Settings }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

export interface Source {
  /** The file. Relative paths inside it are relative to its folder. */
  readonly path: string;
  /** The file's text, when somebody has it already; then the file is not read. */
  readonly text?: string;
  readonly env: Environment;
}

const fileBytesMax = 1_048_576;

export function loadSettings({ path, text, env }: Source): Loaded {
  const tree = readTree(path, text);
  if (Array.isArray(tree)) return { kind: 'problems', problems: tree };
  const folder = dirname(path);
  const overlay = layOver(tree, env, folder);
  const outcome = fileSchema.safeParse(overlay.tree, { error: wordIssue });
  const problems = [
    ...overlay.problems,
    ...(outcome.success ? [] : problemsOf(outcome.error)),
    ...crossCheck(overlay),
  ].map(problem => ({ ...problem, path: sourceOf(problem.path, overlay.variableOf) }));
  if (!outcome.success || problems.length > 0) return { kind: 'problems', problems };
  return { kind: 'ok', settings: settingsFrom(outcome.data, overlay.secrets, folder) };
}

/** The name under which the operator knows it: the variable's if one set the key, else the key. */
function sourceOf(path: string, variableOf: ReadonlyMap<string, string>): string {
  const key = path.replace(/\[\d+\]$/, '');
  return variableOf.get(path) ?? variableOf.get(key) ?? path;
}

/** JSON is read by the same reader: it is YAML. */
function readTree(path: string, given: string | undefined): Tree | Problem[] {
  const outcome = given === undefined ? readText(path, fileBytesMax) : { kind: 'ok' as const, value: given };
  if (outcome.kind === 'problem') return [{ path: '', message: outcome.message }];
  const lines = new LineCounter();
  const document = parseDocument(outcome.value, { lineCounter: lines, prettyErrors: false });
  const slips = [...document.errors, ...document.warnings];
  if (slips.length > 0) {
    return slips.map(slip => {
      const { line, col } = lines.linePos(slip.pos[0]);
      return { path: `line ${line}, column ${col}`, message: slip.message };
    });
  }
  const tree = toValue(() => document.toJS({ maxAliasCount: 100 }));
  if (tree.kind === 'problem') return [{ path: '', message: tree.message }];
  if (tree.value === null || tree.value === undefined)
    return [{ path: '', message: 'the file is empty: it needs "rooms"' }];
  return isTree(tree.value) ? tree.value : [{ path: '', message: 'the file must be a mapping with "rooms"' }];
}

/** The reader throws where aliases multiply without bound. */
function toValue(read: () => unknown): { kind: 'ok'; value: unknown } | { kind: 'problem'; message: string } {
  try {
    return { kind: 'ok', value: read() };
  } catch (error) {
    return { kind: 'problem', message: error instanceof Error ? error.message : String(error) };
  }
}
