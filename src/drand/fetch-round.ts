// Fetches one round of a drand chain over HTTP from relays that are asked in order. Believes nothing but the chain's key:
// a relay that lies, stalls, closes, sends another round or too much is as good as one that is silent.

import type { DrandChain, DrandRound, FetchRound } from '../draw/drand-chain.ts';
import { isHex } from '../draw/hex.ts';

export type RelayNeeds = {
  /** Addresses without the chain's path, as in "https://api.drand.sh". */
  readonly urls: readonly string[];
  /** How long one relay may take, to the last byte of its answer. */
  readonly timeoutMs: number;
  readonly isGenuine: (chain: DrandChain, round: DrandRound) => Promise<boolean>;
  /** Told, for operators, why a relay's answer was not taken. */
  readonly onRefused: (url: string, reason: string) => void;
};

const bodyBytesMax = 4_096;

/** Never rejects: null when no relay gave a genuine round. */
export function roundFetcher({ urls, timeoutMs, isGenuine, onRefused }: RelayNeeds): FetchRound {
  return async (chain, round) => {
    for (const url of urls) {
      try {
        const answered = await askRelay(url, chain, round, timeoutMs);
        if (!(await isGenuine(chain, answered))) throw new Refused("the signature is not that of the chain's key");
        return answered;
      } catch (error) {
        onRefused(url, reasonOf(error, timeoutMs));
      }
    }
    return null;
  };
}

/** Why a relay's answer is not taken; never leaves this file. */
class Refused extends Error {}

async function askRelay(url: string, chain: DrandChain, round: number, timeoutMs: number): Promise<DrandRound> {
  const address = `${url.replace(/\/+$/, '')}/${chain.hash}/public/${round}`;
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(address, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new Refused(`the answer was ${answer.status}`);
  }
  return roundIn(await boundedText(answer), round);
}

async function boundedText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop cancels the body.
    if (bytes > bodyBytesMax) throw new Refused(`the answer is longer than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** `{"round", "signature", "previous_signature"?, ...}` as relays of drand answer. Lengths are the verification's. */
function roundIn(text: string, asked: number): DrandRound {
  const body = parsed(text);
  if (typeof body !== 'object' || body === null || !('round' in body) || !('signature' in body)) {
    throw new Refused('the answer is no round');
  }
  const { round, signature } = body;
  if (round !== asked) throw new Refused(`the answer is round ${JSON.stringify(round)?.slice(0, 40)}`);
  if (typeof signature !== 'string' || !isHex(signature, signature.length / 2)) {
    throw new Refused('the signature is not hex');
  }
  const previous = 'previous_signature' in body ? body.previous_signature : undefined;
  // Relays send an empty one for chains that have none.
  if (previous === undefined || previous === null || previous === '') return { round: asked, signature };
  if (typeof previous !== 'string') throw new Refused('the previous signature is not hex');
  return { round: asked, signature, previousSignature: previous };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused('the answer is not JSON');
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Refused) return error.message;
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
