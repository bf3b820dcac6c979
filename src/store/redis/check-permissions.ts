// Runs every operation once at the start, on a room that exists for nothing else, so that a missing permission shows
// then and not in the rush.

import { clockKey, keyRingKey, keysOfRoom, operatorsChannel, operatorsKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';
import type { ScriptArgument } from './run-script.ts';
import { type Script, scriptOf, scripts } from './scripts.ts';

type Step = readonly [Script, readonly string[], readonly ScriptArgument[]];

/** In order, and with keys of this gateway's own: several may start at once. // ST100 */
export async function checkPermissions(
  link: Pick<RedisLink, 'run' | 'publish' | 'runId'>,
  { keyPrefix }: Pick<RedisSettings, 'keyPrefix'>,
  instance: string,
): Promise<void> {
  // No room of the configuration has a slash in its id.
  const keys = keysOfRoom(keyPrefix, `/check/${instance}`);
  const check = operatorsKeys(keyPrefix, `check/${instance}`);
  const { head, changes, snapshot, numbers, presence, presenceUntil, came, present, channel } = keys;
  const { merging, mergingPart } = keys;
  const exchange = [presence, presenceUntil, present, head, merging, mergingPart];
  const bitmap = Buffer.of(1, 0, 1, 0, 1, 255, 0, 0, 0);
  const forgetAll: readonly Step[] = [
    [scripts.forgetRoom, [check.body, check.base], []],
    [scripts.forgetRoom, [...exchange, changes, snapshot, numbers, came], []],
  ];
  // A server that was started anew knows no script: this one is known nowhere, so it needs what all will need then.
  const unknown = scriptOf('check', `return '${instance}'`, true);
  const steps: readonly Step[] = [
    [unknown, [head], []],
    [scripts.takeNumbers, [numbers], [0, 0, '', 0, 0]],
    [scripts.takeNumbers, [numbers], [1, 0, link.runId, 0, 1]],
    [scripts.lead, [head, presenceUntil, came], ['check', 'check', 1, 0, 1, '', '', 0, '', '']],
    [scripts.commit, [head, changes], [1, 0, '', 'check', channel, 'check', '{}']],
    [scripts.readHistory, [head, changes, snapshot, numbers], [0, '']],
    [scripts.readHistory, [head, changes, snapshot, numbers], [-1, '']],
    [scripts.compact, [head, changes, snapshot], [1, 1, Buffer.of(1), 'check']],
    [scripts.restoreHistory, [head, changes, snapshot], [1, 'check', 1, 1, 0, '', 'check', '', '1-check', 'check {}']],
    [scripts.readTime, [clockKey(keyPrefix)], [0, link.runId]],
    [scripts.readDocument, [keyRingKey(keyPrefix)], []],
    [scripts.createKeyRing, [check.body], ['one']],
    [scripts.replaceKeyRing, [check.body], ['one', 'two']],
    [scripts.forgetRoom, [check.body], []],
    [scripts.replaceDocument, [check.body], ['', 'check', operatorsChannel(keyPrefix), `/check/${instance}`]],
    [scripts.forgetRoom, [check.body], []],
    [scripts.appendRecord, [check.body, check.base], ['one', 1]],
    [scripts.appendRecord, [check.body, check.base], ['two', 1]],
    [scripts.readRecords, [check.body, check.base], [-1, 1]],
    [scripts.exchangePresence, exchange, ['check', 60_000, 1, '1', 0, bitmap, '', 0, '']],
    [scripts.exchangePresence, exchange, ['other', 60_000, 1, '1', 0, bitmap, '', 10, '']],
    [scripts.exchangePresence, exchange, ['check', 0, 0, '1', 0, '', '', 0, '']],
    [scripts.exchangePresence, exchange, ['check', 0, -1, '', 0, '', '', 10, '']],
    // What was put back is of another origin, so the epoch is the next one.
    [scripts.publishPresent, [head, present], [2, '1', 0, 'bytes', 'check']],
    [scripts.releaseLead, [head], ['check', channel]],
    ...forgetAll,
  ];
  const run = async ([script, stepKeys, given]: Step) => void (await link.run(script, stepKeys, given));
  try {
    for (const step of steps) await run(step);
  } catch (error) {
    // What the steps before left: a gateway that is started again and again would fill the store with it.
    for (const step of forgetAll) await run(step).catch(() => undefined);
    throw error;
  }
  // A commit goes on where nobody can be told of it.
  await link.publish(channel, '{}');
}
