// Looks for an operator's error signatures in an answer as it passes: status, header, body marker, in a compressed body too.
// It never holds a byte back; what a signature means is left to the health rule.

import { codingOf, inflatedBytesMax, inflatedCopies, type OpenInflatedCopy } from './inflated-copy.ts';
import type { HeaderPairs } from './shop-port.ts';

/** One signature; every field that is given must match. Header values and body markers match as a part, byte for byte. */
export type ErrorSignature = {
  readonly status?: number | undefined;
  readonly header?: { readonly name: string; readonly value?: string | undefined } | undefined;
  readonly body?: string | undefined;
};

/** Only so much of a body is looked through. */
export const scannedBytesMax = inflatedBytesMax;

export type SignatureScan = {
  /** Looks through the next bytes of the body; returns whether a signature has been seen by now. */
  chunk(bytes: Uint8Array): boolean;
  seen(): boolean;
  /** The body is whole. `done` is called when `seen` is final: at once, or a moment later for a compressed body. */
  end(done: () => void): void;
  /** The answer ends in another way: what is seen by now is final. */
  drop(): void;
};

/** `onSeen` is called once, as soon as a signature is seen in the body. What the head shows is `seen` from the beginning. */
export type SignatureMatcher = (status: number, headers: HeaderPairs, onSeen: () => void) => SignatureScan;

/** Prepares the signatures once; null when there are none, so that answers without them cost nothing. */
export function compileSignatures(signatures: readonly ErrorSignature[]): SignatureMatcher | null {
  if (signatures.length === 0) return null;
  const openCopy = inflatedCopies();
  return (status, headers, onSeen) => {
    const candidates = signatures.filter(one => headMatches(one, status, headers));
    if (candidates.some(one => one.body === undefined)) return alreadySeen;
    const markers = candidates.flatMap(one => (one.body === undefined ? [] : [Buffer.from(one.body, 'utf8')]));
    if (markers.length === 0) return neverSeen;
    const contentEncoding = headerValue(headers, 'content-encoding') ?? 'identity';
    if (contentEncoding.toLowerCase() === 'identity') return scanBody(markers, onSeen);
    return mayBeAnswer(headerValue(headers, 'content-type'))
      ? scanInflated(scanBody(markers, onSeen), contentEncoding, openCopy)
      : neverSeen;
  };
}

const atOnce = { end: (done: () => void) => done(), drop: () => undefined };
const alreadySeen: SignatureScan = { ...atOnce, chunk: () => true, seen: () => true };
const neverSeen: SignatureScan = { ...atOnce, chunk: () => false, seen: () => false };

function headerValue(headers: HeaderPairs, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

const textOfAnswer = /^(?:text\/(?:html|plain|xml)|application\/(?:[^;]*[+])?(?:json|xml))(?:\s|;|$)/i;

/** A page or an answer of an API; not a stream of events, a style or a script. // PX130 */
function mayBeAnswer(contentType: string | undefined): boolean {
  return contentType === undefined || textOfAnswer.test(contentType.trim());
}

/** PX130 */
function scanInflated(scan: SignatureScan, contentEncoding: string, openCopy: OpenInflatedCopy): SignatureScan {
  const coding = codingOf(contentEncoding);
  const copy = coding === null ? null : openCopy(coding, bytes => scan.chunk(bytes));
  if (copy === null) return neverSeen;
  return {
    seen: scan.seen,
    chunk(bytes) {
      copy.write(bytes);
      return scan.seen();
    },
    end: copy.end,
    drop: copy.drop,
  };
}

function headMatches(signature: ErrorSignature, status: number, headers: HeaderPairs): boolean {
  const { status: wanted, header, body } = signature;
  if (wanted === undefined && header === undefined && body === undefined) return false;
  if (wanted !== undefined && wanted !== status) return false;
  if (header === undefined) return true;
  const name = header.name.toLowerCase();
  return headers.some(pair => pair[0].toLowerCase() === name && pair[1].includes(header.value ?? ''));
}

function scanBody(markers: readonly Buffer[], onSeen: () => void): SignatureScan {
  const keep = Math.max(...markers.map(marker => marker.length)) - 1;
  let tail: Buffer = Buffer.alloc(0);
  let left = scannedBytesMax;
  let found = false;
  return {
    ...atOnce,
    seen: () => found,
    chunk(bytes) {
      if (found || left === 0) return found;
      const part = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, left));
      left -= part.length;
      // A marker cut in two lies within the end of the last chunk and the beginning of this one.
      const seam = Buffer.concat([tail, part.subarray(0, keep)]);
      found = markers.some(marker => seam.includes(marker) || part.includes(marker));
      tail = part.length >= keep ? Buffer.from(part.subarray(part.length - keep)) : seam.subarray(-keep || seam.length);
      if (found) onSeen();
      return found;
    },
  };
}
