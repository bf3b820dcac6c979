// Refuses requests whose framing, Host, target or headers two parsers could read differently, before any work is done
// for them. Runs inside the header loop of the server; reading the body and answering are left to the caller.
import { isHostWellFormed } from './host-name.ts';
import { type ProblemCode, problemStatus } from './problem.ts';

export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' };

export interface RefusedRequest {
  readonly kind: 'refused';
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
}

export interface AcceptedRequest {
  readonly kind: 'ok';
  readonly framing: Framing;
  /** The Host header as it came: name or address, with the port if one was named. */
  readonly host: string;
  /** These lines may repeat; reading the first alone would miss what a front proxy adds as a line of its own. '' = absent. */
  readonly cookie: string;
  readonly forwardedFor: string;
  readonly forwardedProto: string;
  /** The first such line; '' = absent. */
  readonly authorization: string;
}

export interface RequestLimits {
  readonly targetBytesMax: number;
  /** Sum over all header lines, with four bytes for the punctuation of each. */
  readonly headerBytesMax: number;
  readonly headersMax: number;
  /** A Content-Length above it is refused unread; a chunked body has to be counted by its reader. */
  readonly bodyBytesMax: number;
}

const defaultLimits: RequestLimits = {
  targetBytesMax: 8192,
  headerBytesMax: 49_152,
  headersMax: 100,
  bodyBytesMax: Number.MAX_SAFE_INTEGER,
};

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const noBody: Framing = { kind: 'none' };
const chunkedBody: Framing = { kind: 'chunked' };

const refusal = (code: ProblemCode, detail: string): RefusedRequest => ({
  kind: 'refused',
  status: problemStatus(code),
  code,
  detail,
});

const refusals = {
  methodForbidden: refusal('method-not-allowed', 'This method is not allowed.'),
  methodUnknown: refusal('not-implemented', 'This method is not implemented.'),
  targetTooLong: refusal('target-too-long', 'The target is too long.'),
  targetMalformed: refusal('bad-request', 'The target contains something other than printable ASCII.'),
  headersTooMany: refusal('headers-too-large', 'There are too many header lines.'),
  headersTooLarge: refusal('headers-too-large', 'The header lines are too large.'),
  headerName: refusal('bad-request', 'A header name is malformed.'),
  headerValue: refusal('bad-request', 'A header value contains a control character.'),
  hostMissing: refusal('bad-request', 'The Host is missing.'),
  hostRepeated: refusal('bad-request', 'There is more than one Host.'),
  hostMalformed: refusal('bad-request', 'The Host is malformed.'),
  lengthRepeated: refusal('bad-request', 'There is more than one Content-Length.'),
  lengthMalformed: refusal('bad-request', 'The Content-Length is not a number.'),
  bodyTooLarge: refusal('body-too-large', 'The announced body is too large.'),
  codingRepeated: refusal('bad-request', 'There is more than one Transfer-Encoding.'),
  codingEmpty: refusal('bad-request', 'The Transfer-Encoding is empty.'),
  codingUnknown: refusal('not-implemented', 'The only transfer coding understood is "chunked".'),
  framedTwice: refusal('bad-request', 'Content-Length and Transfer-Encoding exclude each other.'),
  upgradeWithBody: refusal('bad-request', 'An upgrade to WebSocket has no body.'),
} as const;

/**
 * One request at a time: `start`, then `header` for every header line in order, then `finish`. One instance serves all
 * requests of an event loop, since the header loop is synchronous. Header names are expected in lower case.
 */
export class RequestCheck {
  readonly #limits: RequestLimits;
  #refused: RefusedRequest | null = null;
  #headers = 0;
  #headerBytes = 0;
  #host: string | null = null;
  #bodyBytes: number | null = null;
  #isChunked = false;
  #isToWebSocket = false;
  #cookie = '';
  #authorization = '';
  #forwardedFor = '';
  #forwardedProto = '';

  constructor(limits: Partial<RequestLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** The method in its own case: HTTP methods are case-sensitive, `get` is an unknown one. */
  start(method: string, rawTarget: string): void {
    this.#headers = 0;
    this.#headerBytes = 0;
    this.#host = null;
    this.#bodyBytes = null;
    this.#isChunked = false;
    this.#isToWebSocket = false;
    this.#cookie = '';
    this.#authorization = '';
    this.#forwardedFor = '';
    this.#forwardedProto = '';
    this.#refused = methodRefusal(method) ?? targetRefusal(rawTarget, this.#limits.targetBytesMax);
  }

  /** Bound, so that it can be handed to the header loop as it is. */
  readonly header = (name: string, value: string): void => {
    this.#refused ??= this.#sizeRefusal(name, value) ?? lineRefusal(name, value) ?? this.#readLine(name, value);
  };

  finish(): AcceptedRequest | RefusedRequest {
    this.#refused ??= this.#wholeRefusal();
    if (this.#refused !== null) return this.#refused;
    return {
      kind: 'ok',
      framing: this.#framing(),
      host: this.#host ?? '',
      cookie: this.#cookie,
      authorization: this.#authorization,
      forwardedFor: this.#forwardedFor,
      forwardedProto: this.#forwardedProto,
    };
  }

  #sizeRefusal(name: string, value: string): RefusedRequest | null {
    this.#headers += 1;
    this.#headerBytes += name.length + value.length + 4;
    if (this.#headers > this.#limits.headersMax) return refusals.headersTooMany;
    return this.#headerBytes > this.#limits.headerBytesMax ? refusals.headersTooLarge : null;
  }

  #readLine(name: string, value: string): RefusedRequest | null {
    switch (name) {
      case 'host':
        return this.#readHost(value);
      case 'content-length':
        return this.#readLength(value);
      case 'transfer-encoding':
        return this.#readTransferEncoding(value);
      case 'upgrade':
        this.#isToWebSocket ||= value.toLowerCase().includes('websocket');
        return null;
      case 'cookie':
        this.#cookie = this.#cookie === '' ? value : `${this.#cookie}; ${value}`;
        return null;
      case 'authorization':
        this.#authorization ||= value;
        return null;
      case 'x-forwarded-for':
        this.#forwardedFor = this.#forwardedFor === '' ? value : `${this.#forwardedFor},${value}`;
        return null;
      case 'x-forwarded-proto':
        this.#forwardedProto = this.#forwardedProto === '' ? value : `${this.#forwardedProto},${value}`;
        return null;
      default:
        return null;
    }
  }

  #readHost(value: string): RefusedRequest | null {
    if (this.#host !== null) return refusals.hostRepeated;
    this.#host = value;
    return isHostWellFormed(value) ? null : refusals.hostMalformed;
  }

  #readLength(value: string): RefusedRequest | null {
    if (this.#bodyBytes !== null) return refusals.lengthRepeated;
    if (!digits.test(value)) return refusals.lengthMalformed;
    // Fifteen digits are exact in a double; beyond them nobody's body is meant.
    this.#bodyBytes = value.length > 15 ? Number.POSITIVE_INFINITY : Number(value);
    return this.#bodyBytes > this.#limits.bodyBytesMax ? refusals.bodyTooLarge : null;
  }

  #readTransferEncoding(value: string): RefusedRequest | null {
    if (this.#isChunked) return refusals.codingRepeated;
    this.#isChunked = true;
    if (value === 'chunked') return null;
    return value === '' ? refusals.codingEmpty : refusals.codingUnknown;
  }

  #wholeRefusal(): RefusedRequest | null {
    if (this.#host === null) return refusals.hostMissing;
    if (this.#isChunked && this.#bodyBytes !== null) return refusals.framedTwice;
    // The bytes of such a body would be taken for frames by whoever speaks WebSocket next.
    const hasBody = this.#isChunked || (this.#bodyBytes ?? 0) > 0;
    return this.#isToWebSocket && hasBody ? refusals.upgradeWithBody : null;
  }

  #framing(): Framing {
    if (this.#isChunked) return chunkedBody;
    return this.#bodyBytes === null ? noBody : { kind: 'length', bytes: this.#bodyBytes };
  }
}

function methodRefusal(method: string): RefusedRequest | null {
  if (methods.has(method)) return null;
  return method === 'TRACE' ? refusals.methodForbidden : refusals.methodUnknown;
}

function targetRefusal(rawTarget: string, targetBytesMax: number): RefusedRequest | null {
  if (rawTarget.length > targetBytesMax) return refusals.targetTooLong;
  return printableAscii.test(rawTarget) ? null : refusals.targetMalformed;
}

function lineRefusal(name: string, value: string): RefusedRequest | null {
  if (!token.test(name)) return refusals.headerName;
  return controlCharacter.test(value) ? refusals.headerValue : null;
}

const digits = /^[0-9]+$/;
const printableAscii = /^[!-~]+$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A tab is the one control character that a header value may hold. */
const controlCharacter = /[^\t -~\u0080-\uffff]/;
