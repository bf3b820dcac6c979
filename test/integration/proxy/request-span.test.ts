// The span of a request to the shop: it ends with the body, once, whatever was told of the request before.

import { once } from 'node:events';
import http from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import type { ShopSpan } from '../../../src/proxy/request-trace.ts';
import { ask, startShop, startStand } from './proxy-stand.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A shop whose answers stay open, before a gateway that records spans. */
async function standWithOpenAnswers(words: string) {
  const answers: http.ServerResponse[] = [];
  const ends: Parameters<ShopSpan['end']>[] = [];
  const shop = await startShop((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.write(words);
    answers.push(response);
  });
  cleanups.push(() => shop.close());
  const span: ShopSpan = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    end: (...how) => void ends.push(how),
  };
  const tracer = { begin: () => span };
  const opened = await startStand({ origin: shop.origin, errorSignatures: [{ body: 'M941' }], tracer });
  cleanups.push(() => opened.close());
  return { ...opened, answers, ends };
}

const sorry = { kind: 'answered', status: 200, signature: true };

test('[PX155] it is open while the body of an error page that was told is, and ends with it', async () => {
  const { port, nextOutcome, answers, ends, outcomes } = await standWithOpenAnswers('<p>[M941]');
  const seen = nextOutcome();
  const answered = ask(port);
  expect(await seen).toMatchObject(sorry);
  expect(ends).toEqual([]);
  answers[0]?.end('</p>');
  expect((await answered).body.toString()).toBe('<p>[M941]</p>');
  expect(ends).toEqual([[expect.objectContaining(sorry), null]]);
  expect(outcomes).toHaveLength(1);
});

test('[PX155] a body that is cut after its signature was told is named beside the outcome', async () => {
  const { port, nextOutcome, answers, ends, outcomes } = await standWithOpenAnswers('<p>[M941]');
  const seen = nextOutcome();
  const answered = expect(ask(port)).rejects.toThrow();
  await seen;
  answers[0]?.destroy();
  await answered;
  expect(ends).toEqual([[expect.objectContaining(sorry), expect.objectContaining({ kind: 'broken', answered: true })]]);
  expect(outcomes).toHaveLength(1);
});

test.each([
  ['<p>[M941]', sorry],
  ['<p>hello', { kind: 'abandoned' }],
])('[PX155] it ends when the fan leaves in the middle of "%s"', async (words, outcome) => {
  const { port, ends } = await standWithOpenAnswers(words);
  const request = http.get({ host: '127.0.0.1', port, agent: false }).on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.on('error', () => undefined);
  await once(response, 'data');
  expect(ends).toEqual([]);
  request.destroy();
  await vi.waitFor(() => expect(ends).toEqual([[expect.objectContaining(outcome), null]]));
});

test('[PX155] where the body is cut and no signature was seen, that is the outcome and nothing stands beside it', async () => {
  const { port, answers, ends } = await standWithOpenAnswers('<p>hello');
  const answered = expect(ask(port)).rejects.toThrow();
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.destroy();
  await answered;
  expect(ends).toEqual([[expect.objectContaining({ kind: 'broken' }), null]]);
});
