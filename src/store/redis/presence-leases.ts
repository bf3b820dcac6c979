// Who is present with which gateway, as leases in Redis, and the merged snapshot. Bytes travel only when they changed.

import { randomBytes } from 'node:crypto';
import type { PresenceBytes } from '../room-exchange.ts';
import { keysOfRoom } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import { bytesOf, integerOf, listOf, type Reply, replyCodes, textOf } from './replies.ts';
import { scripts } from './scripts.ts';

const gatewaysMax = 1_000;
const space = 0x20;

type Said = { readonly here: PresenceBytes; readonly revision: string };
type Collected = PresenceBytes & { readonly revision: string };

type Room = {
  said: Said | null;
  /** The revision of the merged snapshot that was last given out. */
  mergedRevision: string;
  collected: ReadonlyMap<string, Collected>;
};

export class PresenceLeases {
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #instance: string;
  readonly #rooms = new Map<string, Room>();

  constructor(link: RedisLink, prefix: string, instance: string) {
    this.#link = link;
    this.#prefix = prefix;
    this.#instance = instance;
  }

  async say(room: string, here: PresenceBytes, leaseMs: number): Promise<PresenceBytes | null> {
    const open = this.#room(room);
    const isSame = open.said !== null && isSamePresence(open.said.here, here);
    const said = isSame && open.said !== null ? open.said : { here, revision: newRevision() };
    let reply = await this.#upload(room, said, leaseMs, isSame);
    if (integerOf(reply[0]) === replyCodes.uploadPresence.unknown)
      reply = await this.#upload(room, said, leaseMs, false);
    open.said = said;
    const [, revision, order, bytes] = reply;
    const mergedRevision = textOf(revision);
    if (mergedRevision === '' || mergedRevision === open.mergedRevision) return null;
    open.mergedRevision = mergedRevision;
    return { order: integerOf(order), bytes: bytesOf(bytes) };
  }

  async collect(room: string): Promise<readonly PresenceBytes[]> {
    const open = this.#room(room);
    const { presence, presenceUntil, head } = keysOfRoom(this.#prefix, room);
    const known = [...open.collected].map(([gateway, { revision }]) => `${gateway} ${revision}`);
    const reply = listOf(
      await this.#link.run(scripts.collectPresence, [presence, presenceUntil, head], [gatewaysMax, ...known]),
    );
    const collected = new Map<string, Collected>();
    for (let index = 0; index < reply.length; index += 2) {
      const gateway = textOf(reply[index]);
      const said = decodeSaid(reply[index + 1]) ?? open.collected.get(gateway);
      if (said !== undefined) collected.set(gateway, said);
    }
    open.collected = collected;
    return [...collected.values()].map(({ order, bytes }) => ({ order, bytes }));
  }

  async publish(room: string, epoch: number, { order, bytes }: PresenceBytes): Promise<boolean> {
    const { head, present } = keysOfRoom(this.#prefix, room);
    const revision = newRevision();
    const args = [epoch, revision, order, Buffer.from(bytes), this.#instance];
    const reply = await this.#link.run(scripts.publishPresent, [head, present], args);
    const isPublished = integerOf(reply) === replyCodes.publishPresent.published;
    // Whoever published it has it already.
    if (isPublished) this.#room(room).mergedRevision = revision;
    return isPublished;
  }

  async #upload(room: string, { here, revision }: Said, leaseMs: number, isKnown: boolean): Promise<readonly Reply[]> {
    const { presence, presenceUntil, present, head } = keysOfRoom(this.#prefix, room);
    const bytes = isKnown ? '' : Buffer.from(here.bytes);
    const { mergedRevision } = this.#room(room);
    const args = [this.#instance, leaseMs, isKnown ? 0 : 1, revision, here.order, bytes, mergedRevision];
    return listOf(await this.#link.run(scripts.uploadPresence, [presence, presenceUntil, present, head], args));
  }

  #room(room: string): Room {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const opened: Room = { said: null, mergedRevision: '', collected: new Map() };
    this.#rooms.set(room, opened);
    return opened;
  }
}

function newRevision(): string {
  return randomBytes(6).toString('base64url');
}

function isSamePresence(left: PresenceBytes, right: PresenceBytes): boolean {
  return left.order === right.order && Buffer.compare(left.bytes, right.bytes) === 0;
}

/** "revision order bytes"; undefined for the empty text of what is known already, and for what nobody can read: the gateway
 * that said it finds another revision than its own there and says it again. */
function decodeSaid(reply: Reply): Collected | undefined {
  const stored = Buffer.from(bytesOf(reply));
  if (stored.length === 0) return undefined;
  const revisionEnd = stored.indexOf(space);
  const orderEnd = stored.indexOf(space, revisionEnd + 1);
  const order = Number(stored.toString('latin1', revisionEnd + 1, orderEnd));
  if (revisionEnd < 0 || orderEnd < 0 || !Number.isSafeInteger(order)) return undefined;
  return {
    revision: stored.toString('latin1', 0, revisionEnd),
    order,
    bytes: Uint8Array.from(stored.subarray(orderEnd + 1)),
  };
}
