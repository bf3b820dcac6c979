// Where the signing keys are: a folder of this machine, or the store that the gateways share. One behaviour over both.

import { openKeyFolder, readKeyFolder, writeKeyFolder } from './key-folder.ts';
import { type KeyFolderChange, watchKeyFolder } from './key-folder-watch.ts';
import { createKeyRing, type KeyRing, parseKeyRing } from './key-ring.ts';
import { TokenError } from './token-error.ts';

/** The part of a store that keeps the keys. */
export type KeyStore = {
  /** The key document; what `make` gives if there is none yet, and the first writer wins. */
  keyRing(make: () => Promise<string>): Promise<string>;
  /** False: somebody else changed it. */
  replaceKeyRing(previous: string, next: string): Promise<boolean>;
};

export type KeyPlace = {
  /** For people. */
  readonly name: string;
  /** The keys, made when there are none. */
  open(nowMs: number): Promise<KeyRing>;
  /** Replaces the keys that are there by what `change` makes of them. */
  replace(change: (ring: KeyRing) => Promise<KeyRing>): Promise<void>;
  /** Told of every change after `known`. Returns the stop function. */
  watch(known: KeyRing, onChange: (change: KeyFolderChange) => void): () => void;
};

export function keysInFolder(path: string): KeyPlace {
  return {
    name: path,
    open: nowMs => openKeyFolder(path, nowMs),
    replace: async change => writeKeyFolder(path, await change(await readKeyFolder(path))),
    watch: (known, onChange) => watchKeyFolder(path, known, onChange),
  };
}

/** A new key is published minutes before it signs. */
const lookPeriodMs = 5_000;
/** Whoever finds the keys changed between reading and replacing them reads again. */
const replaceTriesMax = 5;

export function keysInStore(store: KeyStore): KeyPlace {
  return {
    name: 'the store',
    async open(nowMs) {
      return read(await store.keyRing(async () => JSON.stringify(await createKeyRing(nowMs))));
    },
    async replace(change) {
      for (let tries = 0; tries < replaceTriesMax; tries += 1) {
        const text = await store.keyRing(refuseToMake);
        if (await store.replaceKeyRing(text, JSON.stringify(await change(read(text))))) return;
      }
      throw new TokenError('key-ring-broken', 'The keys in the store were changed by others again and again.');
    },
    watch(known, onChange) {
      let used = JSON.stringify(known);
      let seen: string | null = null;
      const timer = setInterval(() => {
        store
          .keyRing(async () => used)
          .then(
            text => {
              if (text === seen) return;
              seen = text;
              const change = readChange(text);
              if (change.kind === 'changed') {
                const ring = JSON.stringify(change.ring);
                if (ring === used) return;
                used = ring;
              }
              onChange(change);
            },
            // The store is out of reach: the keys in use stay in use.
            () => undefined,
          );
      }, lookPeriodMs);
      return () => clearInterval(timer);
    },
  };
}

/** Whether two documents have a key in common: the one came from the other by rotation. */
export function shareKeys(left: string, right: string): boolean {
  const kids = ({ ticketKeys, passKeys }: KeyRing) => [...ticketKeys, ...passKeys].map(({ kid }) => kid);
  const known = new Set(kids(read(left)));
  return kids(read(right)).some(kid => known.has(kid));
}

function read(text: string): KeyRing {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text holds secrets.
    throw new TokenError('key-ring-broken', 'The keys in the store are not JSON.');
  }
  return parseKeyRing(document);
}

function readChange(text: string): KeyFolderChange {
  try {
    return { kind: 'changed', ring: read(text) };
  } catch (error) {
    return { kind: 'unusable', error };
  }
}

function refuseToMake(): Promise<string> {
  throw new TokenError('key-folder-missing', 'There are no keys in the store yet: "junban keys init" makes them.');
}
