// Operators' documents and logs on Redis: one script an operation, nothing kept in memory.

import type { LogRecord, OperatorsStore } from '../operators-store.ts';
import { operatorsKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import { integerOf, listOf, replyCodes, textOf } from './replies.ts';
import { scripts } from './scripts.ts';

export class RedisOperators implements OperatorsStore {
  readonly #link: RedisLink;
  readonly #prefix: string;

  constructor(link: RedisLink, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
  }

  async readDocument(name: string): Promise<string | null> {
    const { body } = operatorsKeys(this.#prefix, name);
    const text = textOf(await this.#link.run(scripts.createKeyRing, [body], ['']));
    return text === '' ? null : text;
  }

  async replaceDocument(name: string, previous: string | null, next: string): Promise<boolean> {
    const { body } = operatorsKeys(this.#prefix, name);
    const reply = await this.#link.run(scripts.replaceDocument, [body], [previous ?? '', next]);
    return integerOf(reply) === replyCodes.replaceDocument.replaced;
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
}
