// Operators' documents and logs on Redis: one script an operation. Documents are never taken away: one that was there and is
// not any more was lost, and so was the end of one that another server has as it was before. Both are put back as this
// gateway knew them last. // ST166

import { createHash } from 'node:crypto';
import type { LogRecord, OperatorsStore } from '../operators-store.ts';
import { isStoreError } from '../store-error.ts';
import { operatorsChannel, operatorsKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf, listOf, replyCodes, textOf } from './replies.ts';
import { scripts } from './scripts.ts';

/** Documents that are remembered; one for each room and some more. */
const knownMax = 1_000;
/** Of each, so many earlier contents are told from new ones. */
const earlierMax = 16;

type Known = { readonly text: string; readonly earlier: readonly string[] };

export class RedisOperators implements OperatorsStore {
  readonly #link: Pick<RedisLink, 'run'>;
  readonly #prefix: string;
  readonly #known = new Map<string, Known>();
  /** Documents that were not read since another server process answers: it may have them as they were before. */
  readonly #unsure = new Set<string>();

  constructor(link: Pick<RedisLink, 'run'>, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
  }

  async readDocument(name: string): Promise<string | null> {
    const text = await this.#read(name);
    const known = this.#known.get(name);
    const isLost = known !== undefined && (text === '' || (this.#unsure.has(name) && isEarlier(text, known)));
    if (isLost) await this.#replace(name, text, known.text);
    this.#unsure.delete(name);
    return this.#know(name, isLost ? await this.#read(name) : text);
  }

  async replaceDocument(name: string, previous: string | null, next: string): Promise<boolean> {
    const isReplaced = await this.#replace(name, previous ?? '', next);
    if (isReplaced) this.#know(name, next);
    return isReplaced;
  }

  /** Looks for every document that this gateway knows. For when Redis was found to have lost something, or may have. */
  async putBack(): Promise<void> {
    for (const name of this.#known.keys()) this.#unsure.add(name);
    try {
      for (const name of this.#known.keys()) await this.readDocument(name);
    } catch (error) {
      // Whoever reads a document the next time finds it missing.
      if (!isStoreError(error, 'unavailable')) throw error;
    }
  }

  async appendRecord(log: string, body: string, keepMax: number): Promise<void> {
    const keys = operatorsKeys(this.#prefix, log);
    await this.#link.run(scripts.appendRecord, [keys.body, keys.base], [body, keepMax]);
  }

  async readRecords(log: string, before: number | null, limit: number): Promise<readonly LogRecord[]> {
    const keys = operatorsKeys(this.#prefix, log);
    const reply = await this.#link.run(scripts.readRecords, [keys.body, keys.base], [before ?? -1, limit]);
    const [first = 0, ...bodies] = listOf(reply);
    return bodies.map((body, index) => ({ position: integerOf(first) + index, body: textOf(body) })).reverse();
  }

  #know(name: string, text: string): string | null {
    if (text === '') return null;
    const known = this.#known.get(name);
    if (known?.text === text) return text;
    const earlier = known === undefined ? [] : [digestOf(known.text), ...known.earlier].slice(0, earlierMax);
    if (known !== undefined || this.#known.size < knownMax) this.#known.set(name, { text, earlier });
    return text;
  }

  async #read(name: string): Promise<string> {
    return textOf(await this.#link.run(scripts.readDocument, [operatorsKeys(this.#prefix, name).body], []));
  }

  async #replace(name: string, previous: string, next: string): Promise<boolean> {
    const { body } = operatorsKeys(this.#prefix, name);
    const args = [previous, next, operatorsChannel(this.#prefix), name];
    const reply = await this.#link.run(scripts.replaceDocument, [body], args);
    return integerOf(reply) === replyCodes.replaceDocument.replaced;
  }
}

function isEarlier(text: string, { text: latest, earlier }: Known): boolean {
  return text !== latest && earlier.includes(digestOf(text));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
