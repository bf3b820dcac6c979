// Finds the room of a request by host and normalised path. Normalising is left to request-target.ts, and what a room
// then does with the request to the caller.
import { domainToASCII } from 'node:url';
import { hostNameOf } from './host-name.ts';
import { foldPath, literalPath, parseTarget } from './request-target.ts';

export interface RoomMatch {
  readonly id: string;
  readonly match: {
    /** A name, `*.example.com` (any depth below it, not itself) or `*`; case and ports make no difference. */
    readonly hosts: readonly string[];
    /** Prefixes on segment borders: `/a` covers `/a` and `/a/b`, not `/ab`. */
    readonly paths: readonly string[];
    /** Prefixes that need no pass. `/a/` covers only what is below it, `/a` also itself. */
    readonly bypass: readonly string[];
  };
}

/** Whether a path lies under one of these prefixes, as rooms are matched: without regard to case and encoding. */
export function pathTest(prefixes: readonly string[]): (path: string) => boolean {
  const folded = prefixes.map(prefix => withoutSlash(foldPath(normalPrefix(prefix))));
  if (folded.length === 0) return () => false;
  return path => {
    const target = foldPath(path);
    return folded.some(prefix => covers(prefix, target));
  };
}

export type RoomFound =
  | { readonly kind: 'room'; readonly id: string }
  | { readonly kind: 'bypass'; readonly id: string }
  | { readonly kind: 'none' };

interface Bypass {
  readonly literal: string;
  /** Of the folded form without a slash at its end, to compare with that of the room's path. */
  readonly prefixLength: number;
}

interface Entry {
  readonly id: string;
  readonly prefixLength: number;
  readonly bypasses: readonly Bypass[];
}

/** Folded path prefix without a slash at its end ('' is the root) to the room. */
type PathTable = Map<string, Entry>;

export interface RoomTable {
  readonly exact: ReadonlyMap<string, PathTable>;
  /** By the part after `*.`. */
  readonly below: ReadonlyMap<string, PathTable>;
  readonly any: PathTable;
  /** One sentence for every host and path that two rooms claim; the room that comes first in the list has it. */
  readonly conflicts: readonly string[];
}

/** WR11 Throws for a path or host that could never match; the configuration reports these before. */
export function buildRoomTable(rooms: readonly RoomMatch[]): RoomTable {
  const exact = new Map<string, PathTable>();
  const below = new Map<string, PathTable>();
  const any: PathTable = new Map();
  const conflicts: string[] = [];
  for (const { id, match } of rooms) {
    const bypasses = match.bypass.map(prefix => bypassOf(prefix));
    for (const host of match.hosts) {
      const table = tableFor(host, exact, below, any);
      for (const path of match.paths) {
        const prefix = withoutSlash(foldPath(normalPrefix(path)));
        const holder = table.get(prefix);
        if (holder === undefined) table.set(prefix, { id, prefixLength: prefix.length, bypasses });
        else if (holder.id !== id) conflicts.push(`${host}${path} belongs to the rooms ${holder.id} and ${id}`);
      }
    }
  }
  return { exact, below, any, conflicts };
}

const none: RoomFound = { kind: 'none' };

/**
 * The exact host comes before the longest wildcard and that before `*`; within one the longest path wins. A host whose
 * paths do not cover the request falls through to the wider one, so adding a room never takes protection away.
 * Rooms are matched without regard to case, encoding and segment parameters, since the shop may disregard them too;
 * a bypass has to match to the letter: what is doubtful stays in the room.
 */
export function matchRoom(table: RoomTable, host: string, path: string): RoomFound {
  if (path.charCodeAt(0) !== 0x2f) return none;
  const folded = foldPath(path);
  const entry = findEntry(table, hostNameOf(host), folded);
  if (entry === null) return none;
  return isBypassed(entry, path) ? { kind: 'bypass', id: entry.id } : { kind: 'room', id: entry.id };
}

function findEntry(table: RoomTable, host: string, folded: string): Entry | null {
  const exact = table.exact.get(host);
  const found = exact === undefined ? null : longestPrefix(exact, folded);
  if (found !== null) return found;
  if (table.below.size > 0) {
    for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      const below = table.below.get(host.slice(dot + 1));
      const foundBelow = below === undefined ? null : longestPrefix(below, folded);
      if (foundBelow !== null) return foundBelow;
    }
  }
  return longestPrefix(table.any, folded);
}

function longestPrefix(paths: PathTable, folded: string): Entry | null {
  if (paths.size === 0) return null;
  for (let end = folded.length; ; end = folded.lastIndexOf('/', end - 1)) {
    const entry = paths.get(folded.slice(0, end));
    if (entry !== undefined) return entry;
    if (end <= 0) return null;
  }
}

/** A path of the room that is longer than the bypass is the more specific wish, so it wins. */
function isBypassed(entry: Entry, path: string): boolean {
  if (entry.bypasses.length === 0) return false;
  const literal = literalPath(path);
  return entry.bypasses.some(bypass => entry.prefixLength <= bypass.prefixLength && covers(bypass.literal, literal));
}

function covers(prefix: string, path: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith('/') || path.length === prefix.length || path.charCodeAt(prefix.length) === 0x2f;
}

function bypassOf(prefix: string): Bypass {
  const path = normalPrefix(prefix);
  return { literal: literalPath(path), prefixLength: withoutSlash(foldPath(path)).length };
}

const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

/** A prefix as configured, letters of any script allowed, in the normal form of a request path. */
export function normalPrefix(prefix: string): string {
  const encoded = prefix.replace(/[^!-~]+/gu, part => encodeURIComponent(part));
  const target = parseTarget(encoded);
  if (target.kind === 'refused') throw new Error(`path ${JSON.stringify(prefix)}: ${target.detail}`);
  if (!encoded.startsWith('/') || target.query !== '') {
    throw new Error(`path ${JSON.stringify(prefix)}: it has to begin with / and to have no query`);
  }
  return target.path;
}

function tableFor(
  host: string,
  exact: Map<string, PathTable>,
  below: Map<string, PathTable>,
  any: PathTable,
): PathTable {
  if (host === '*') return any;
  const isWildcard = host.startsWith('*.');
  const name = hostNameOf(isWildcard ? host.slice(2) : host);
  const ascii = name.startsWith('[') ? name : domainToASCII(name);
  if (ascii === '' || ascii.includes('*')) throw new Error(`host ${JSON.stringify(host)}: not a host name`);
  const tables = isWildcard ? below : exact;
  const table = tables.get(ascii) ?? new Map<string, Entry>();
  tables.set(ascii, table);
  return table;
}
