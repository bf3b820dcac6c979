// Runs every operation once at the start, on a room that exists for nothing else, so that a missing permission shows
// then and not in the rush.

import { clockKey, keyRingKey, keysOfRoom, operatorsChannel, operatorsKeys } from './keys.ts';
import type { RedisLink, ScriptArgument } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';
import { type Script, scripts } from './scripts.ts';

type Step = readonly [Script, readonly string[], readonly ScriptArgument[]];

/** In order, and with keys of this gateway's own: several may start at once. // ST100 */
export async function checkPermissions(link: RedisLink, { keyPrefix }: RedisSettings, instance: string): Promise<void> {
  // No room of the configuration has a slash in its id.
  const keys = keysOfRoom(keyPrefix, `/check/${instance}`);
  const check = operatorsKeys(keyPrefix, `check/${instance}`);
  const { head, changes, snapshot, numbers, presence, presenceUntil, present, channel } = keys;
  const steps: readonly Step[] = [
    [scripts.takeNumbers, [numbers], [0, 0, '', 0]],
    [scripts.takeNumbers, [numbers], [1, 0, link.runId, 0]],
    [scripts.lead, [head], ['check', 'check', 1, 0, 1, '', '', 0]],
    [scripts.commit, [head, changes], [1, 0, '', 'check', channel, 'check', '{}']],
    [scripts.readHistory, [head, changes, snapshot, numbers], [0, '']],
    [scripts.readHistory, [head, changes, snapshot, numbers], [-1, '']],
    [scripts.compact, [head, changes, snapshot], [1, 1, Buffer.of(1), 'check']],
    [scripts.restoreHistory, [head, changes, snapshot], [1, 'check', 1, 1, 0, '', 'check', '', '1-check', 'check {}']],
    [scripts.readTime, [clockKey(keyPrefix)], [0, link.runId]],
    [scripts.createKeyRing, [keyRingKey(keyPrefix)], ['']],
    [scripts.replaceDocument, [check.body], ['', 'check', operatorsChannel(keyPrefix), `/check/${instance}`]],
    [scripts.forgetRoom, [check.body], []],
    [scripts.appendRecord, [check.body, check.base], ['one', 1]],
    [scripts.appendRecord, [check.body, check.base], ['two', 1]],
    [scripts.readRecords, [check.body, check.base], [-1, 1]],
    [scripts.forgetRoom, [check.body, check.base], []],
    [scripts.exchangePresence, [presence, presenceUntil, present, head], ['check', 0, 1, '1', 0, 'bytes', '', 0]],
    [scripts.exchangePresence, [presence, presenceUntil, present, head], ['check', 0, 0, '1', 0, '', '', 10]],
    [scripts.publishPresent, [head, present], [1, '1', 0, 'bytes', 'check']],
    [scripts.forgetRoom, [head, changes, snapshot, numbers, presence, presenceUntil, present], []],
  ];
  for (const [script, stepKeys, given] of steps) await link.run(script, stepKeys, given);
  // A commit goes on where nobody can be told of it.
  await link.publish(channel, '{}');
}
