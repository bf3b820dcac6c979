// Who is present with which gateway, as leases in Redis, and the merged snapshot. Bytes travel only when they changed, and
// the caller hears what all say, put together by Redis, in the answer to what it says itself.

import { randomBytes } from 'node:crypto';
import type { CollectedPresence, PresenceBytes } from '../room-exchange.ts';
import { keysOfRoom } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import { bytesOf, integerOf, listOf, type Reply, replyCodes, textOf } from './replies.ts';
import type { ScriptArgument } from './run-script.ts';
import { scripts } from './scripts.ts';

const gatewaysMax = 1_000;

type Said = { readonly here: PresenceBytes; readonly revision: string };
/** `digest`: of what the gateways say. */
type Collected = CollectedPresence & { readonly digest: string };

const nothingCollected: Collected = { digest: '', gateways: 0, said: [] };

type Room = {
  said: Said | null;
  /** The revision of the merged snapshot that was last given out. */
  mergedRevision: string;
  collected: Collected;
  /** Whether what was collected is asked for after each word of this gateway; and it is there already. */
  collects: boolean;
  isCollected: boolean;
};

/** What a gateway says; null: it only asks. */
type Word = { readonly said: Said; readonly leaseMs: number; readonly isKnown: boolean };

export type PresenceLeasesNeeds = {
  readonly link: Pick<RedisLink, 'run'>;
  readonly prefix: string;
  readonly instance: string;
  /** Told of a room when what this gateway says is new, or the merged snapshot is. */
  readonly onMoved: (room: string) => void;
};

export class PresenceLeases {
  readonly #link: Pick<RedisLink, 'run'>;
  readonly #prefix: string;
  readonly #instance: string;
  readonly #onMoved: (room: string) => void;
  readonly #rooms = new Map<string, Room>();

  constructor({ link, prefix, instance, onMoved }: PresenceLeasesNeeds) {
    this.#link = link;
    this.#prefix = prefix;
    this.#instance = instance;
    this.#onMoved = onMoved;
  }

  async say(room: string, here: PresenceBytes, leaseMs: number): Promise<PresenceBytes | 'lost' | null> {
    const open = this.#room(room);
    const isSame = open.said !== null && isSamePresence(open.said.here, here);
    const said = isSame && open.said !== null ? open.said : { here, revision: newRevision() };
    // Nobody took what was collected last: this gateway is not the caller any more.
    if (open.isCollected) open.collects = false;
    let reply = await this.#exchange(room, { said, leaseMs, isKnown: isSame }, open.collects);
    if (integerOf(reply[0]) === replyCodes.exchangePresence.unknown)
      reply = await this.#exchange(room, { said, leaseMs, isKnown: false }, open.collects);
    open.said = said;
    open.isCollected = open.collects;
    const [, revision, order, bytes] = reply;
    const mergedRevision = textOf(revision);
    if (!isSame || mergedRevision !== open.mergedRevision) this.#onMoved(room);
    if (mergedRevision === open.mergedRevision) return null;
    open.mergedRevision = mergedRevision;
    if (mergedRevision === '') return 'lost';
    return { order: integerOf(order), bytes: bytesOf(bytes) };
  }

  async collect(room: string): Promise<CollectedPresence> {
    const open = this.#room(room);
    if (!open.isCollected) await this.#exchange(room, null, true);
    open.isCollected = false;
    open.collects = true;
    const { gateways, said } = open.collected;
    return { gateways, said };
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

  async #exchange(room: string, word: Word | null, collects: boolean): Promise<readonly Reply[]> {
    const { presence, presenceUntil, present, head, merging, mergingPart } = keysOfRoom(this.#prefix, room);
    const open = this.#room(room);
    const reply = listOf(
      await this.#link.run(
        scripts.exchangePresence,
        [presence, presenceUntil, present, head, merging, mergingPart],
        [this.#instance, ...wordsOf(word), open.mergedRevision, collects ? gatewaysMax : 0, open.collected.digest],
      ),
    );
    if (collects) open.collected = decodeCollected(reply, open.collected);
    return reply;
  }

  #room(room: string): Room {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const opened: Room = {
      ...{ said: null, mergedRevision: '', collected: nothingCollected },
      ...{ collects: false, isCollected: false },
    };
    this.#rooms.set(room, opened);
    return opened;
  }
}

/** Lease, whether the bytes come along, revision, order, bytes. */
function wordsOf(word: Word | null): readonly ScriptArgument[] {
  if (word === null) return [0, -1, '', 0, ''];
  const { said, leaseMs, isKnown } = word;
  const bytes = isKnown ? '' : Buffer.from(said.here.bytes);
  return [leaseMs, isKnown ? 0 : 1, said.revision, said.here.order, bytes];
}

/** Pairs of order and bytes; none where the digest says that they are known. */
function decodeCollected([, , , , gateways, digest, ...pairs]: readonly Reply[], known: Collected): Collected {
  if (textOf(digest) === known.digest) return known;
  const said: PresenceBytes[] = [];
  for (let index = 0; index < pairs.length; index += 2)
    said.push({ order: integerOf(pairs[index]), bytes: bytesOf(pairs[index + 1]) });
  return { digest: textOf(digest), gateways: integerOf(gateways), said };
}

function newRevision(): string {
  return randomBytes(6).toString('base64url');
}

function isSamePresence(left: PresenceBytes, right: PresenceBytes): boolean {
  return left.order === right.order && Buffer.compare(left.bytes, right.bytes) === 0;
}
