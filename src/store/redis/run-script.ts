// Runs one script by its digest, or by its text where the server does not know it. Strings in the reply are Buffers.

import type { RedisClient } from './open-client.ts';
import type { Reply } from './replies.ts';
import { nameScriptLine, type Script } from './scripts.ts';
import { innermost } from './server-error.ts';

export type ScriptArgument = string | number | Buffer;

/** Rejects with what the server said, naming the file and the line of the script. */
export async function runScript(
  client: RedisClient,
  script: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<Reply> {
  try {
    return await evaluate(client, script, keys, args);
  } catch (error) {
    throw new Error(nameScriptLine(innermost(error).message, script), { cause: error });
  }
}

async function evaluate(
  client: RedisClient,
  script: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<Reply> {
  try {
    return await client.callBuffer('evalsha', script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    // A server that was started anew does not know the script; EVAL tells it.
    if (!innermost(error).message.startsWith('NOSCRIPT')) throw error;
    return await client.callBuffer('eval', script.text, keys.length, ...keys, ...args);
  }
}
