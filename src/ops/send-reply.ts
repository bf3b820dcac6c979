// Sends what the ops listener answers: whole, as a stream of events, or page by page.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OpsLog } from './api/api-needs.ts';
import type { OpsAnswer, OpsPages, OpsReply, OpsStream } from './ops-problem.ts';

export type OpsExchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the listener still takes new connections. */
  readonly isOpen: () => boolean;
  readonly log: Pick<OpsLog, 'error'>;
};

/** A reader that is so far behind is skipped: the next event says everything again. */
const unreadBytesMax = 1_048_576;

export function sendReply(reply: OpsReply, exchange: OpsExchange): void {
  if ('begin' in reply) stream(reply, exchange);
  else if ('pages' in reply) void pour(reply, exchange);
  else sendWhole(reply, exchange);
}

function sendWhole({ status, headers, body }: OpsAnswer, { request, response, isOpen }: OpsExchange): void {
  // A connection that is kept would hold up the end of a listener that is closing.
  if (!isOpen()) response.setHeader('Connection', 'close');
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
  // What nobody read of the body is thrown away; the time limit of the request bounds it.
  request.resume();
}

function stream({ status, headers, begin }: OpsStream, { request, response }: OpsExchange): void {
  response.writeHead(status, headers);
  request.resume();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  const stop = begin(
    text => {
      if (response.writableLength < unreadBytesMax) response.write(text);
    },
    () => response.end(),
  );
  response.once('close', stop);
}

/** OP200. A client that takes nothing holds one page here, and nothing else. */
async function pour({ status, headers, pages }: OpsPages, { request, response, log }: OpsExchange): Promise<void> {
  response.writeHead(status, { ...headers, Connection: 'close' });
  request.resume();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(pages), response);
  } catch (error) {
    // The cut connection tells the client that this was not all. One that left by itself is no news.
    if (request.socket.errored === null && !isPrematureEnd(error)) log.error({ err: error }, 'an export broke off');
  }
}

const isPrematureEnd = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
