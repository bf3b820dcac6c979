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
  const call = (command: 'evalsha' | 'eval', of: string): Promise<Reply> =>
    client.callBuffer(command, of, keys.length, ...keys, ...args);
  try {
    return await call('evalsha', script.sha).catch((error: unknown) => {
      // A server that was started anew does not know the script; EVAL tells it.
      if (innermost(error).message.startsWith('NOSCRIPT')) return call('eval', script.text);
      throw error;
    });
  } catch (error) {
    throw new Error(nameScriptLine(innermost(error).message, script), { cause: error });
  }
}
