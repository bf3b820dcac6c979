// Every key and channel of ours. All keys of a room share one hash tag, so that a Cluster keeps them on one node.

import { storedFormat } from './stored-history.ts';

/**
 * Of what gateways tell each other: versions that would not understand each other do not hear each other. The head says
 * the format of what lasts; numbers are a plain counter that all versions must share. // ST72
 */
const spoken = `v${storedFormat}`;

export type RoomKeys = {
  /** Who calls under which epoch, and where the history ends. */
  readonly head: string;
  readonly changes: string;
  readonly snapshot: string;
  readonly numbers: string;
  /** What the gateways said about who is present with them, by gateway, and how long each word holds. */
  readonly presence: string;
  readonly presenceUntil: string;
  /** Where a script puts together what they say: nothing is there between scripts. */
  readonly merging: string;
  readonly mergingPart: string;
  /** Which gateways have compared their history with what a new server process has. */
  readonly came: string;
  /** The merged snapshot of everybody present. */
  readonly present: string;
  /** Where changes of the room are told. */
  readonly channel: string;
  /** Where the caller of the room is asked. */
  readonly asked: string;
};

/** Room ids may hold any text: what would end the hash tag is escaped. */
export function keysOfRoom(prefix: string, room: string): RoomKeys {
  const tagged = `${prefix}:{${encodeURIComponent(room)}}`;
  return {
    head: `${tagged}:head`,
    changes: `${tagged}:changes`,
    snapshot: `${tagged}:snapshot`,
    numbers: `${tagged}:numbers`,
    presence: `${tagged}:presence:${spoken}`,
    presenceUntil: `${tagged}:presence-until:${spoken}`,
    merging: `${tagged}:merging:${spoken}`,
    mergingPart: `${tagged}:merging-part:${spoken}`,
    came: `${tagged}:came:${spoken}`,
    present: `${tagged}:present:${spoken}`,
    channel: `${tagged}:told:${spoken}`,
    asked: `${tagged}:asked:${spoken}`,
  };
}

/** How the clock on which all gateways agree differs from the server's. */
export function clockKey(prefix: string): string {
  return `${prefix}:clock`;
}

export function keyRingKey(prefix: string): string {
  return `${prefix}:key-ring`;
}

/** A document or a log of operators; each has a hash tag of its own. */
export function operatorsKeys(prefix: string, name: string): { readonly body: string; readonly base: string } {
  // A room id holds no "/": these names never meet a room's.
  const body = `${prefix}:{/operators/${encodeURIComponent(name)}}`;
  return { body, base: `${body}:base` };
}

/** Where it is told by name that a document of operators was replaced. */
export function operatorsChannel(prefix: string): string {
  return `${prefix}:operators:${spoken}`;
}

/** Written now and then to learn whether writes work. It runs out by itself. */
export function probeKey(prefix: string, instance: string): string {
  return `${prefix}:probe:${instance}`;
}

/** Where a gateway says a word to itself, to know that it hears. */
export function beatChannel(prefix: string, instance: string): string {
  return `${prefix}:beat:${spoken}:${instance}`;
}

/** Where answers to the requests of one gateway are told. */
export function answersChannel(prefix: string, instance: string): string {
  return `${prefix}:answers:${spoken}:${instance}`;
}
