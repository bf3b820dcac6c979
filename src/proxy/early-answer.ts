// Lets a shop answer an upload and hang up before it has read all of it: the answer is read before the failed write counts.
// How an answer and a lost connection are told apart after that is left to the HTTP client.

import type { Socket } from 'node:net';
import { codeOf } from './forwarding.ts';

/** An answer that was sent before the shop hung up has arrived already; this is for reading it. */
const readingGraceMs = 1_000;

/**
 * A shop that closes with a body unread resets the connection: the next write fails although its answer (a 413, say) is
 * waiting to be read, and a failed write destroys a Node socket unread. So the failure is kept back until the reading
 * side has ended by itself, which it does at once, or the grace is over.
 */
export function readBeforeWriteError(socket: Socket): void {
  const write = socket._write;
  const writeMany = socket._writev;
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, keptBack(socket, done));
  if (writeMany !== undefined) {
    socket._writev = (chunks, done) => writeMany.call(socket, chunks, keptBack(socket, done));
  }
}

type WriteDone = (error?: Error | null) => void;

function keptBack(socket: Socket, done: WriteDone): WriteDone {
  return error => {
    const code = codeOf(error);
    if ((code !== 'EPIPE' && code !== 'ECONNRESET') || socket.destroyed || socket.readableEnded) return done(error);
    const timer = setTimeout(() => done(error), readingGraceMs);
    const tellNow = () => {
      clearTimeout(timer);
      done(error);
    };
    socket.once('end', tellNow);
    socket.once('close', tellNow);
  };
}
