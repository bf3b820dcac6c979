// Sends one webhook: to a public address unless allowed otherwise, without following anybody anywhere else, and not for ever.
import { lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPrivateAddress } from './private-address.ts';

export type Posted = { readonly kind: 'delivered' } | { readonly kind: 'failed'; readonly reason: string };

export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  /** Cuts it short. */
  readonly signal: AbortSignal;
  /** How a name is looked up. Default: as this machine does. */
  readonly resolveName?: typeof lookup;
};

const refusal = 'the address is private; allowPrivate of this webhook would permit it';

export function post({ url, headers, body, allowPrivate, timeoutMs, ...how }: Post): Promise<Posted> {
  return new Promise(resolve => {
    const target = new URL(url);
    const failed = (reason: string) => resolve({ kind: 'failed', reason });
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // A name is checked when it is resolved, and it is that very address that is connected to.
    if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) return failed(refusal);
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(
      target,
      {
        ...{ method: 'POST', headers: { ...headers, 'Content-Length': Buffer.byteLength(body) }, agent: false },
        ...(!allowPrivate && { lookup: publicLookup(how.resolveName ?? lookup) }),
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), how.signal]),
      },
      response => {
        const status = response.statusCode ?? 0;
        // Only the status matters; what else it says is not read.
        response.destroy();
        if (status >= 200 && status < 300) resolve({ kind: 'delivered' });
        else
          failed(
            status >= 300 && status < 400
              ? `it answered ${status}; redirects are not followed`
              : `it answered ${status}`,
          );
      },
    );
    request.on('error', error => {
      failed(
        error.name === 'TimeoutError' || error.name === 'AbortError'
          ? `no answer within ${timeoutMs} ms`
          : error.message,
      );
    });
    request.end(body);
  });
}

/** What it answers is what is connected to: a name that means another address a moment later gains nothing. */
const publicLookup =
  (resolveName: typeof lookup): LookupFunction =>
  (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(new Error(refusal), '', 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
