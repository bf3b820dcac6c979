// Runs every operation once at the start, on a room that exists for nothing else, so that a missing permission shows
// then and not in the rush.

import { keyRingKey, keysOfRoom, operatorsKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';
import { scripts } from './scripts.ts';

/** No room of the configuration has a slash in its id. */
const scratchRoom = '/check';

export async function checkPermissions(link: RedisLink, { keyPrefix }: RedisSettings): Promise<void> {
  const keys = keysOfRoom(keyPrefix, scratchRoom);
  const check = operatorsKeys(keyPrefix, 'check');
  const { head, changes, snapshot, numbers, presence, presenceUntil, present, channel } = keys;
  await Promise.all([
    link.run(scripts.takeNumbers, [numbers], [0, 0, '', 0]),
    link.run(scripts.takeNumbers, [numbers], [1, 0, link.runId, 0]),
    link.run(scripts.lead, [head], ['check', 'check', 1, 0, 1, '']),
    link.run(scripts.commit, [head, changes], [1, 0, '', 'check', channel, 'check', '{}']),
    link.run(scripts.readHistory, [head, changes, snapshot, numbers], [0, '']),
    link.run(scripts.readHistory, [head, changes, snapshot, numbers], [-1, '']),
    link.run(scripts.compact, [head, changes, snapshot], [1, 1, Buffer.of(1), 'check']),
    link.run(scripts.restoreHistory, [head, changes, snapshot], [1, 'check', 1, 1, 0, '', 'check', '', 'check {}']),
    link.run(scripts.readTime, [keyRingKey(keyPrefix)], []),
    link.run(scripts.createKeyRing, [keyRingKey(keyPrefix)], ['']),
    link.run(scripts.replaceDocument, [check.body], ['', 'check']),
    link.run(scripts.forgetRoom, [check.body], []),
    link.run(scripts.appendRecord, [check.body, check.base], ['one', 1]),
    link.run(scripts.appendRecord, [check.body, check.base], ['two', 1]),
    link.run(scripts.readRecords, [check.body, check.base], [-1, 1]),
    link.run(scripts.forgetRoom, [check.body, check.base], []),
    link.run(scripts.uploadPresence, [presence, presenceUntil, present], ['check', 0, 1, '1', 0, 'bytes', '']),
    link.run(scripts.uploadPresence, [presence, presenceUntil, present], ['check', 0, 0, '1', 0, '', '']),
    link.run(scripts.collectPresence, [presence, presenceUntil], [10]),
    link.run(scripts.publishPresent, [head, present], [1, '1', 0, 'bytes', 'check']),
    link.run(scripts.forgetRoom, [head, changes, snapshot, numbers, presence, presenceUntil, present], []),
  ]);
}
