// What every store promises about operators' documents and logs.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OperatorsStore } from '../../src/store/operators-store.ts';
import type { QueueStore } from '../../src/store/queue-store.ts';

export type OperatorsRig = {
  open(): Promise<QueueStore & { readonly operators: OperatorsStore }>;
  /** Closes the store and opens its data again. */
  reopen(): Promise<QueueStore & { readonly operators: OperatorsStore }>;
  end(): Promise<void>;
};

export function operatorsContract(name: string, newRig: () => Promise<OperatorsRig>): void {
  describe(`operators' documents and logs: ${name}`, () => {
    let rig: OperatorsRig;
    let operators: OperatorsStore;
    beforeEach(async () => {
      rig = await newRig();
      operators = (await rig.open()).operators;
    });
    afterEach(() => rig.end());

    test('[OP60] a document is changed only by who knows how it stands', async () => {
      expect(await operators.readDocument('rooms')).toBeNull();
      expect(await operators.replaceDocument('rooms', 'what was not there', 'x')).toBe(false);
      expect(await operators.replaceDocument('rooms', null, 'first')).toBe(true);
      expect(await operators.replaceDocument('rooms', null, 'second')).toBe(false);
      expect(await operators.replaceDocument('rooms', 'first', '二番')).toBe(true);
      expect([await operators.readDocument('rooms'), await operators.readDocument('other')]).toEqual(['二番', null]);
    });

    test('[OP61] a log keeps its newest records in order, and is read backwards in pages', async () => {
      for (let index = 0; index < 7; index += 1) await operators.appendRecord('audit', `record ${index}`, 5);
      const newest = await operators.readRecords('audit', null, 2);
      expect(newest.map(({ body }) => body)).toEqual(['record 6', 'record 5']);
      const older = await operators.readRecords('audit', newest.at(-1)?.position ?? 0, 10);
      expect(older.map(({ body }) => body)).toEqual(['record 4', 'record 3', 'record 2']);
      expect(await operators.readRecords('audit', older.at(-1)?.position ?? 0, 10)).toEqual([]);
      expect(await operators.readRecords('other', null, 10)).toEqual([]);
    });

    test('[OP62] documents and logs survive a restart, and positions grow on', async () => {
      await operators.replaceDocument('tokens', null, 'kept');
      await operators.appendRecord('audit', 'before', 5);
      const [before] = await operators.readRecords('audit', null, 1);
      operators = (await rig.reopen()).operators;
      await operators.appendRecord('audit', 'after', 5);
      const [after, first] = await operators.readRecords('audit', null, 5);
      expect([await operators.readDocument('tokens'), first?.body, after?.body]).toEqual(['kept', 'before', 'after']);
      expect(after?.position ?? 0).toBeGreaterThan(before?.position ?? 0);
    });
  });
}
