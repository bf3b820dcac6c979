// The console's login: a signed cookie that stands for a token and is worth as much as the token is now, and a word
// against cross-site requests that goes with it. Kept is only what was ended before its time, in ended-sessions.ts.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OperatorsStore } from '../store/operators-store.ts';
import { EndedSessions } from './ended-sessions.ts';

/** `seal` stands for the token's hash, and tells nobody anything about the token who has not our key. */
export type SessionClaims = {
  readonly name: string;
  readonly seal: string;
  readonly endsAtMs: number;
  /** Makes every login another one. */
  readonly id: string;
};

export const sessionCookie = 'junban-ops';
export const sessionMs = 12 * 3_600_000;
const keyDocument = 'session-key';
const valueCharactersMax = 1_024;

export class Sessions {
  readonly #key: string;
  readonly #ended: EndedSessions;

  /** All gateways of a store share the key, so a login at one holds at all of them. */
  static async open(store: OperatorsStore): Promise<Sessions> {
    const ended = await EndedSessions.open(store);
    const known = await store.readDocument(keyDocument);
    if (known !== null) return new Sessions(known, ended);
    await store.replaceDocument(keyDocument, null, randomBytes(32).toString('base64url'));
    const key = await store.readDocument(keyDocument);
    if (key === null) throw new Error('the session key was written and is not there');
    return new Sessions(key, ended);
  }

  private constructor(key: string, ended: EndedSessions) {
    this.#key = key;
    this.#ended = ended;
  }

  valueOf({
    name,
    hash,
    endsAtMs,
  }: {
    readonly name: string;
    readonly hash: string;
    readonly endsAtMs: number;
  }): string {
    const claims: SessionClaims = {
      name,
      seal: this.#sealOf(hash),
      endsAtMs,
      id: randomBytes(6).toString('base64url'),
    };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${body}.${this.#sign(`session ${body}`)}`;
  }

  read(value: string, nowMs: number): SessionClaims | 'not-ours' | 'over' {
    if (value.length > valueCharactersMax) return 'not-ours';
    const [body = '', signature = '', ...more] = value.split('.');
    if (more.length > 0 || !areSame(signature, this.#sign(`session ${body}`))) return 'not-ours';
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as SessionClaims;
    return claims.endsAtMs > nowMs && !this.#ended.has(value) ? claims : 'over';
  }

  /** OP229. Ends the session of this value, which was read before, at all gateways within a second. */
  async end(value: string, nowMs: number): Promise<void> {
    const claims = this.read(value, nowMs);
    if (typeof claims !== 'string') await this.#ended.add(value, claims.endsAtMs, nowMs);
  }

  stop(): void {
    this.#ended.stop();
  }

  /** What a write with this cookie must carry in `Junban-Csrf`: only a page that may read our answers knows it. */
  csrfOf(value: string): string {
    return this.#sign(`csrf ${value}`);
  }

  isCsrfOf(value: string, given: string): boolean {
    return areSame(given, this.csrfOf(value));
  }

  /** Whether a session stands for the token of this hash. */
  isFor({ seal }: SessionClaims, hash: string): boolean {
    return areSame(seal, this.#sealOf(hash));
  }

  #sealOf(hash: string): string {
    return this.#sign(`token ${hash}`);
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

function areSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The cookie's value in a Cookie header; the first of that name. */
export function sessionIn(cookieHeader: string | undefined): string | null {
  for (const part of (cookieHeader ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === sessionCookie) return part.slice(at + 1).trim();
  }
  return null;
}

/** `value` null takes the cookie away. */
export function setSession(value: string | null, isSecure: boolean): string {
  const lifetime = value === null ? 'Max-Age=0' : `Max-Age=${sessionMs / 1_000}`;
  return `${sessionCookie}=${value ?? ''}; Path=/; HttpOnly; SameSite=Strict; ${lifetime}${isSecure ? '; Secure' : ''}`;
}
