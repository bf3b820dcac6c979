// The one error class of tokens and keys. What a token is worth is never an error but a verdict: see ticket.ts and
// pass.ts.

/**
 * - `key-ring-broken`: the document is not a usable key ring; the message names every problem with its path.
 * - `key-folder-missing`: there is no keys.json in the folder.
 * - `key-folder-unsafe`: other users of the machine could read or replace the keys.
 * - `claim-unsafe`: a caller asked to sign something that no token may carry (a bug).
 */
export type TokenErrorCode = 'key-ring-broken' | 'key-folder-missing' | 'key-folder-unsafe' | 'claim-unsafe';

export class TokenError extends Error {
  readonly code: TokenErrorCode;

  constructor(code: TokenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TokenError';
    this.code = code;
  }
}
