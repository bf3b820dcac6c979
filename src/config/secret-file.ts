// Reads secrets and the configuration file itself from disk, bounded, once each.
import { readFileSync } from 'node:fs';
import { type Parsed, parsed, refused } from './parsed.ts';

const secretBytesMax = 4_096;

export function readText(path: string, bytesMax: number): Parsed<string> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return refused(`cannot read ${path}: ${wordReadError(error)}`);
  }
  if (bytes.length > bytesMax) return refused(`${path} is larger than ${bytesMax} bytes`);
  try {
    return parsed(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refused(`${path} is not UTF-8`);
  }
}

/** White space at the end goes: editors and `echo` leave a line end. */
export function readSecret(path: string): Parsed<string> {
  const outcome = readText(path, secretBytesMax);
  if (outcome.kind === 'problem') return outcome;
  const secret = outcome.value.trimEnd();
  return secret === '' ? refused(`${path} is empty`) : checkSecret(secret);
}

/** A secret travels in headers and Redis commands: one line, nothing invisible. */
export function checkSecret(secret: string): Parsed<string> {
  return /^[\x21-\x7e]+$/.test(secret) ? parsed(secret) : refused('a secret must be printable ASCII without spaces');
}

const webhookKeyBytesMin = 24;
const webhookKeyBytesMax = 64;

/** As Standard Webhooks has it. What is no base64 would be decoded in part, and sign with a key that nobody else has. */
export function readWebhookSecret(path: string): Parsed<string> {
  const outcome = readSecret(path);
  if (outcome.kind === 'problem') return outcome;
  const encoded = outcome.value.replace(/^whsec_/, '').replace(/={1,2}$/, '');
  const key = Buffer.from(encoded, 'base64');
  const isWhole = key.toString('base64').replace(/=+$/, '') === encoded;
  if (isWhole && key.length >= webhookKeyBytesMin && key.length <= webhookKeyBytesMax) return outcome;
  return refused(
    `${path} must hold ${webhookKeyBytesMin} to ${webhookKeyBytesMax} random bytes as base64, with or without "whsec_" before it`,
  );
}

function wordReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}
