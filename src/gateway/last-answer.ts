// What is different of the last answer on a connection: it is gathered and ended with the connection, or, where it is too
// long for that, left pending, so that the server reads nothing that follows on it (PX12). How bytes go out is the answer's.

import type { HttpResponse } from 'uWebSockets.js';

/** Up to this size an answer is gathered; a longer one lingers. */
const gatheredBytesMax = 262_144;
/** How long a fan may take nothing of what is left, or leave a connection open that it was told is closed: the server's. */
const lingerMs = 10_000;

export class LastAnswer {
  readonly #res: Pick<HttpResponse, 'close'>;
  #gathered: Uint8Array[] | null = [];
  #gatheredBytes = 0;
  #lingering: NodeJS.Timeout | null = null;

  constructor(res: Pick<HttpResponse, 'close'>) {
    this.#res = res;
  }

  get isGathered(): boolean {
    return this.#gathered !== null;
  }

  /** False: it is too long to be gathered with this. */
  gather(chunk: Uint8Array): boolean {
    this.#gathered?.push(chunk);
    this.#gatheredBytes += chunk.byteLength;
    return this.#gatheredBytes <= gatheredBytesMax;
  }

  /** All that was gathered; from now on nothing is. */
  letGo(): Uint8Array {
    const gathered = this.#gathered ?? [];
    this.#gathered = null;
    return Buffer.concat(gathered);
  }

  /**
   * Everything is handed over. The fan, told so by Connection: close, closes; a further request instead makes the server
   * close at once, as this one is still pending; a fan that does neither is cut.
   */
  linger(): void {
    this.#lingering = setTimeout(() => this.#res.close(), lingerMs).unref();
  }

  /** The fan takes what is left. False: it does not linger. */
  lingersOn(): boolean {
    this.#lingering?.refresh();
    return this.#lingering !== null;
  }

  /** The connection is gone. */
  over(): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
  }
}
