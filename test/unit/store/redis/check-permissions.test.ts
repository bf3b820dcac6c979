// The check of permissions at the start: that it leaves out no operation, and nothing behind.

import { expect, test } from 'vitest';
import { checkPermissions } from '../../../../src/store/redis/check-permissions.ts';
import { clockKey, keyRingKey } from '../../../../src/store/redis/keys.ts';
import { type Script, scripts } from '../../../../src/store/redis/scripts.ts';

/** Knows which keys were touched and not deleted since. */
function linkThatRefuses(refused: Script | null) {
  const left = new Set<string>();
  const ran = new Set<string>();
  const run = async (script: Script, keys: readonly string[]) => {
    ran.add(script.name);
    if (script === scripts.forgetRoom) for (const key of keys) left.delete(key);
    else for (const key of keys) left.add(key);
    if (script === refused) throw new Error(`no permission to run ${script.name}`);
    return 1;
  };
  return { left, ran, link: { run, publish: async () => 0, runId: 'run' } };
}

/** What lasts in any case: it is not of the check. */
const lasting = [clockKey('junban'), keyRingKey('junban')];
const settings = { keyPrefix: 'junban' };

test('[ST100] every operation is run, and no key of the check is left', async () => {
  const { left, ran, link } = linkThatRefuses(null);
  await checkPermissions(link, settings, 'one');
  const names = Object.values(scripts).map(({ name }) => name);
  expect([...ran].sort()).toEqual([...names, 'check'].sort());
  expect([...left].sort()).toEqual(lasting.sort());
});

test.each(Object.values(scripts).filter(script => script !== scripts.forgetRoom))(
  '[ST100] nor where $name is refused',
  async refused => {
    const { left, link } = linkThatRefuses(refused);
    await expect(checkPermissions(link, settings, 'one')).rejects.toThrow(refused.name);
    expect([...left].filter(key => !lasting.includes(key))).toEqual([]);
  },
);
