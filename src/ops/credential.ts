// Whether a request carries the operators' credential. There is no default one: without a configured token nobody does.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type OpsAnswer, opsProblem } from './ops-problem.ts';

/** Null: the credential is right. Otherwise the refusal to answer with. */
export type CredentialCheck = (authorization: string | undefined) => OpsAnswer | null;

/** OP4, OP5. Both sides are hashed first, so that neither the length nor the content of the token shows in the time taken. */
export function credentialCheck(token: string | null): CredentialCheck {
  if (token === null || token === '') return () => refusedForAll;
  const expected = hashOf(token);
  return authorization => {
    if (authorization === undefined) {
      return opsProblem('credential-missing', 'Send the ops token: "Authorization: Bearer TOKEN".');
    }
    const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (given === undefined) {
      return opsProblem('credential-wrong', 'The Authorization header must read "Bearer TOKEN".');
    }
    return timingSafeEqual(hashOf(given), expected)
      ? null
      : opsProblem('credential-wrong', 'This is not the ops token of this gateway.');
  };
}

const refusedForAll = opsProblem(
  'no-credential',
  'This gateway has no ops token, so only probes and metrics answer. ' +
    'Set one with ops.tokenFile in the configuration or JUNBAN_OPS_TOKEN in the environment, and start again.',
);

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
