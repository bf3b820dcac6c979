// The Lua operations by name, with the digest by which Redis knows them. Each file says what it does and returns.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type Script = {
  readonly name: string;
  readonly text: string;
  readonly sha: string;
  /** It writes nothing, so it says nothing about whether writes work. */
  readonly readsOnly: boolean;
};

/** `parts`: files of functions that stand before it. */
function read(name: string, readsOnly = false, parts: readonly string[] = []): Script {
  const files = [...parts, name].map(file => readFileSync(new URL(`./lua/${file}.lua`, import.meta.url), 'utf8'));
  return scriptOf(name, files.join(''), readsOnly);
}

export function scriptOf(name: string, text: string, readsOnly: boolean): Script {
  return { name, text, sha: createHash('sha1').update(text).digest('hex'), readsOnly };
}

export const scripts = {
  takeNumbers: read('take-numbers'),
  lead: read('lead'),
  releaseLead: read('release-lead'),
  commit: read('commit'),
  compact: read('compact'),
  readHistory: read('read-history', true),
  restoreHistory: read('restore-history'),
  readDocument: read('read-document', true),
  createKeyRing: read('create-key-ring'),
  replaceKeyRing: read('replace-key-ring'),
  replaceDocument: read('replace-document'),
  appendRecord: read('append-record'),
  readRecords: read('read-records'),
  exchangePresence: read('exchange-presence', false, ['merge-bitmaps']),
  publishPresent: read('publish-present'),
  readTime: read('read-time'),
  forgetRoom: read('forget-room'),
} as const;

/** What Redis says of a script by its digest and a line, with the file's name and what stands in that line. */
export function nameScriptLine(message: string, { name, text, sha }: Script): string {
  const line = new RegExp(`${sha}, on @user_script:(\\d+)`).exec(message)?.[1];
  if (line === undefined) return message;
  return message.replace(sha, `${name}.lua`).concat(` ${text.split('\n')[Number(line) - 1]?.trim() ?? ''}`);
}
