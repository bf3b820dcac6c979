// What takes two keys to judge: times in order, bounds in order, rooms that collide, a shop that is ourselves.
// Reads the file's own tree with care, so that these problems are told beside all the others and not after them.
import { parseListen, parseShop, reachesListener } from './address.ts';
import { parseDuration } from './duration.ts';
import { parseInstant } from './instant.ts';
import type { Overlay } from './overlay.ts';
import type { Parsed } from './parsed.ts';
import { isUnder, parseOwnPrefix, withoutSlashAtEnd } from './path-prefix.ts';
import type { Problem } from './problems.ts';
import { parseRedisUrl } from './redis-url.ts';
import type { Address } from './settings.ts';
import { at, isTree, listAt, textAt } from './tree.ts';

type Tell = (path: string, message: string) => void;

export function crossCheck({ tree, secrets, variableOf }: Overlay): Problem[] {
  const problems: Problem[] = [];
  const tell: Tell = (path, message) => problems.push({ path, message });
  const listen = read(parseListen, textAt(tree, 'listen') ?? ':8080');
  const opsListen = read(parseListen, textAt(tree, 'ops', 'listen') ?? '127.0.0.1:9090');
  if (
    listen !== null &&
    opsListen !== null &&
    (reachesListener(opsListen, listen) || reachesListener(listen, opsListen))
  ) {
    tell('ops.listen', 'is the address of "listen" as well: they need two');
  }
  checkStore(tree, secrets.storePassword !== null, tell);
  if (at(tree, 'store', 'kind') !== 'redis') {
    for (const key of ['store.password', 'store.sentinel.password']) {
      if (variableOf.has(key)) tell(key, 'is set, but the store is not redis');
    }
  }
  const prefix = read(parseOwnPrefix, textAt(tree, 'prefix') ?? '/_junban');
  const rooms = listAt(tree, 'rooms');
  for (const [index, room] of rooms.entries()) {
    const tellRoom: Tell = (path, message) => tell(`rooms[${index}].${path}`, message);
    checkTimes(room, tellRoom);
    checkBounds(room, tellRoom);
    checkShop(room, { listen, 'ops.listen': opsListen }, tellRoom);
    if (prefix !== null) checkPrefix(room, prefix, tellRoom);
  }
  checkRoomsApart(rooms, tell);
  checkTokenNames(tree, tell);
  checkWebhooksApart(tree, tell);
  return problems;
}

function read<T>(parse: (text: string) => Parsed<T>, text: string | undefined): T | null {
  const outcome = text === undefined ? null : parse(text);
  return outcome?.kind === 'ok' ? outcome.value : null;
}

function checkStore(tree: unknown, hasPassword: boolean, tell: Tell): void {
  const store = at(tree, 'store');
  if (!isTree(store) || store.kind !== 'redis') return;
  const forms = ['url', 'sentinel', 'cluster'].filter(form => store[form] !== undefined);
  if (forms.length === 0) tell('store', 'needs one of url, sentinel, cluster');
  if (forms.length > 1) tell('store', `has ${forms.join(' and ')}: keep one of them`);
  const hasTls = store.tls === true || read(parseRedisUrl, textAt(store, 'url'))?.tls === true;
  if (store.caFile !== undefined && !hasTls)
    tell('store.caFile', 'is for TLS, which is off: write rediss://, or tls: true');
  if (store.url === undefined) return;
  for (const key of ['username', 'tls']) {
    if (store[key] !== undefined)
      tell(`store.${key}`, 'stands in the url: write redis://user@host, or rediss:// for TLS');
  }
  if (hasPassword && read(parseRedisUrl, textAt(store, 'url'))?.password != null) {
    tell('store.url', 'has a password, and one is given beside it: keep one of them');
  }
}

function checkTimes(room: unknown, tell: Tell): void {
  const opensAtMs = read(parseInstant, textAt(room, 'opensAt'));
  const startsAtMs = read(parseInstant, textAt(room, 'startsAt'));
  const endsAtMs = read(parseInstant, textAt(room, 'endsAt'));
  if (at(room, 'opensAt') !== undefined && at(room, 'startsAt') === undefined) {
    tell('opensAt', 'needs a startsAt: without one the room is open at once and has no lobby');
  }
  if (opensAtMs !== null && startsAtMs !== null && opensAtMs > startsAtMs) tell('opensAt', 'is after startsAt');
  const lastAtMs = startsAtMs ?? opensAtMs;
  if (endsAtMs !== null && lastAtMs !== null && endsAtMs <= lastAtMs) {
    tell('endsAt', `is not after ${startsAtMs === null ? 'opensAt' : 'startsAt'}`);
  }
  const kind = at(room, 'draw', 'randomness', 'kind');
  if ((kind === 'figure' || kind === 'drand') && at(room, 'startsAt') === undefined) {
    tell('draw.randomness', 'needs a startsAt: without one nobody comes before the start and nothing is drawn');
  }
  if (kind !== 'figure' && kind !== 'drand' && at(room, 'draw', 'wait') !== undefined) {
    tell('draw.wait', 'is set, but draw.randomness names nothing to wait for');
  }
}

function checkBounds(room: unknown, tell: Tell): void {
  const idle = textAt(room, 'pass', 'idle') ?? (at(room, 'pass', 'idle') === undefined ? '10m' : undefined);
  const max = textAt(room, 'pass', 'max') ?? (at(room, 'pass', 'max') === undefined ? '45m' : undefined);
  const [idleMs, maxMs] = [read(parseDuration, idle), read(parseDuration, max)];
  if (idleMs !== null && maxMs !== null && idleMs > maxMs)
    tell('pass.idle', `(${idle}) is longer than pass.max (${max})`);
  const least = at(room, 'autopilot', 'minPerMinute') ?? 60;
  const most = at(room, 'autopilot', 'maxPerMinute') ?? 6_000;
  if (typeof least === 'number' && typeof most === 'number' && least > most) {
    tell('autopilot.minPerMinute', `(${least}) is above autopilot.maxPerMinute (${most})`);
  }
  for (const [index, signature] of listAt(room, 'autopilot', 'errorSignatures').entries()) {
    if (isTree(signature) && Object.keys(signature).length === 0) {
      tell(`autopilot.errorSignatures[${index}]`, 'would match every answer: give a status, a header or a body');
    }
  }
}

function checkShop(room: unknown, listeners: Readonly<Record<string, Address | null>>, tell: Tell): void {
  const shop = read(parseShop, textAt(room, 'shop'));
  if (shop === null) return;
  const url = new URL(shop);
  const target = { host: url.hostname, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) };
  for (const [name, listener] of Object.entries(listeners)) {
    if (listener !== null && reachesListener(target, listener)) tell('shop', `is Junban's own address ("${name}")`);
  }
}

function checkPrefix(room: unknown, prefix: string, tell: Tell): void {
  for (const key of ['paths', 'bypass', 'checkout']) {
    for (const [index, path] of listAt(room, 'match', key).entries()) {
      if (typeof path !== 'string' || !isUnder(path, prefix)) continue;
      tell(`match.${key}[${index}]`, `lies under Junban's own prefix "${prefix}": requests there never reach the shop`);
    }
  }
}

/** OP226. What waits for an address stands in one place, whichever entry it came by. */
function checkWebhooksApart(tree: unknown, tell: Tell): void {
  const seen = new Map<string, number>();
  for (const [index, hook] of listAt(tree, 'webhooks').entries()) {
    const url = textAt(hook, 'url') ?? '';
    if (!URL.canParse(url)) continue;
    const { href } = new URL(url);
    const first = seen.get(href);
    if (first === undefined) seen.set(href, index);
    else tell(`webhooks[${index}].url`, `is the address of webhooks[${first}] already: name its events there`);
  }
}

/** The audit trail tells operators apart by their names. */
function checkTokenNames(tree: unknown, tell: Tell): void {
  const seen = new Set(['admin']);
  for (const [index, entry] of listAt(tree, 'ops', 'tokens').entries()) {
    const name = textAt(entry, 'name') ?? '';
    if (seen.has(name)) tell(`ops.tokens[${index}].name`, `"${name}" is the name of another token already`);
    seen.add(name);
  }
}

/** Ids are unique, and no host and path belong to two rooms. */
function checkRoomsApart(rooms: readonly unknown[], tell: Tell): void {
  const idAt = new Map<string, number>();
  const matchAt = new Map<string, number>();
  for (const [index, room] of rooms.entries()) {
    const id = textAt(room, 'id');
    const first = id === undefined ? undefined : idAt.get(id);
    if (first !== undefined) tell(`rooms[${index}].id`, `"${id}" is the id of rooms[${first}] already`);
    else if (id !== undefined) idAt.set(id, index);
    const twice = new Map<number, string>();
    for (const match of matchesOf(room)) {
      const owner = matchAt.get(match) ?? index;
      if (owner !== index && !twice.has(owner)) twice.set(owner, match);
      matchAt.set(match, owner);
    }
    for (const [owner, match] of twice) tell(`rooms[${index}].match`, `rooms[${owner}] matches ${match} already`);
  }
}

function matchesOf(room: unknown): readonly string[] {
  const texts = (key: string, absent: string): string[] =>
    at(room, 'match', key) === undefined
      ? [absent]
      : listAt(room, 'match', key).filter(entry => typeof entry === 'string');
  const paths = texts('paths', '/').map(path => withoutSlashAtEnd(path).toLowerCase()); // As the gateway matches.
  const hosts = texts('hosts', '*').map(host => host.toLowerCase().replace(/\.$/, ''));
  return hosts.flatMap(host => paths.map(path => `host "${host}" with path "${path}"`));
}
