// The body of a request, held back from the moment it begins until somebody reads it, and whenever the reader stops.
// Who reads it, and what becomes of a request whose body is cut off, is left to the others who watch the request.

import type { HttpResponse } from 'uWebSockets.js';
import type { RequestLife } from './copied-request.ts';
import { HeldBytes } from './held-bytes.ts';

export type BodyReader = { chunk(bytes: Uint8Array): boolean; end(): void };

export type HeldBody = {
  /** The whole body if it is here already, else null. */
  whole(): Uint8Array | null;
  /** Starts the flow; only once. `chunk` returning false pauses the fan until `resume`. */
  read(reader: BodyReader): { resume(): void };
  /** Lets the rest pass unread, so that an answer that came early can be read by the fan. */
  discard(): void;
};

/** A paused body still runs against the server's timer for slow bodies; touching it this often keeps it alive. */
const touchEveryMs = 4_000;

/**
 * A pause stops a network, not a sender on this machine that fills the server's 512 KB read buffer as fast as we empty
 * it: the server then reads on within one call. A body of which more than this had to be held is cut off: 128 MB, three
 * times what was seen on a busy machine. An answer could not be read there, as unread bytes turn a close into a reset.
 */
export const heldBytesMax = 134_217_728;

export function holdBody(res: HttpResponse, life: RequestLife): HeldBody {
  const held = new HeldBytes();
  let reader: BodyReader | null = null;
  let isComplete = false;
  let isPaused = false;
  let isDiscarded = false;
  let isEnded = false;
  let touching: NodeJS.Timeout | null = null;
  const stopTouching = () => {
    if (touching !== null) clearInterval(touching);
    touching = null;
  };
  life.whenOver(() => {
    stopTouching();
    held.clear();
  });
  const pause = () => {
    if (isPaused || isComplete || life.isOver()) return;
    isPaused = true;
    res.pause();
    touching ??= setInterval(() => {
      if (!isPaused || life.isOver()) return;
      res.resume();
      res.pause();
    }, touchEveryMs).unref();
  };
  const letFlow = () => {
    if (!isPaused) return;
    isPaused = false;
    stopTouching();
    if (!life.isOver()) res.resume();
  };
  const resume = () => {
    if (reader === null || isEnded) return;
    for (let piece = held.take(); piece !== null; piece = held.take()) {
      if (!reader.chunk(piece)) break;
    }
    if (held.byteLength > 0) return;
    // Also behind a whole body: what follows on the connection is seen only while it is read.
    letFlow();
    if (!isComplete) return;
    isEnded = true;
    reader.end();
  };
  res.onData((chunk, isLast) => {
    isComplete = isLast;
    if (isLast) stopTouching();
    if (isDiscarded) return;
    // The server takes the memory back when this returns: everything below copies.
    const bytes = new Uint8Array(chunk);
    if (reader === null || isPaused) {
      held.add(bytes);
      if (held.byteLength > heldBytesMax) res.close();
      else pause();
      return;
    }
    if (bytes.byteLength > 0 && !reader.chunk(Buffer.from(bytes))) pause();
    if (!isLast) return;
    isEnded = true;
    reader.end();
  });
  return {
    whole() {
      if (!isComplete) return null;
      letFlow();
      return held.all();
    },
    read(next) {
      reader = next;
      resume();
      return { resume };
    },
    discard() {
      isDiscarded = true;
      held.clear();
      letFlow();
    },
  };
}
