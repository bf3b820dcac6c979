// The document of the signing keys in Redis: made once by the first gateway, put back by those that know it when it was lost.

import { setTimeout as delay } from 'node:timers/promises';
import { isStoreError } from '../store-error.ts';
import { keyRingKey } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf, replyCodes, textOf } from './replies.ts';
import { scripts } from './scripts.ts';

/**
 * Where there are no keys yet, gateways that know them have so long to put them back: longer than the renewal of a quiet
 * caller (caller-lease.ts), who finds the loss, and the round trips that follow.
 */
const missingMs = 2_500;

export type StoredKeyRingNeeds = {
  readonly link: Pick<RedisLink, 'run'>;
  readonly prefix: string;
  /** Whether a key document came from another, by changes of its keys. */
  readonly isOfKeyRing: (stored: string, known: string) => boolean;
  readonly onFailure: (error: unknown) => void;
};

export class StoredKeyRing {
  readonly #needs: StoredKeyRingNeeds;
  readonly #keys: readonly string[];
  #known: string | null = null;

  constructor(needs: StoredKeyRingNeeds) {
    this.#needs = needs;
    this.#keys = [keyRingKey(needs.prefix)];
  }

  async read(make: () => Promise<string>): Promise<string> {
    const { link } = this.#needs;
    const read = async () => textOf(await link.run(scripts.readDocument, this.#keys, []));
    let stored = await read();
    if (stored === '' && this.#known === null) {
      await delay(missingMs);
      stored = await read();
    }
    this.#known = stored !== '' ? stored : await this.#create(await make());
    return this.#known;
  }

  async replace(previous: string, next: string): Promise<boolean> {
    const reply = await this.#needs.link.run(scripts.replaceKeyRing, this.#keys, [previous, next]);
    const isReplaced = integerOf(reply) === replyCodes.replaceKeyRing.replaced;
    if (isReplaced) this.#known = next;
    return isReplaced;
  }

  /** Where everything was lost, keys that a gateway made that knew nothing of ours give way to ours. // ST44 */
  putBack(everything: boolean): void {
    const known = this.#known;
    if (known === null) return;
    this.#restore(known, everything).catch((error: unknown) => {
      // The next loss that is found tries again.
      if (!isStoreError(error)) this.#needs.onFailure(error);
    });
  }

  async #restore(known: string, everything: boolean): Promise<void> {
    const { link, isOfKeyRing } = this.#needs;
    const stored = await this.#create(known);
    if (!everything || stored === known || isOfKeyRing(stored, known)) return;
    await link.run(scripts.replaceKeyRing, this.#keys, [stored, known]);
  }

  /** Gives what is stored: this document if there was none. */
  async #create(document: string): Promise<string> {
    return textOf(await this.#needs.link.run(scripts.createKeyRing, this.#keys, [document]));
  }
}
