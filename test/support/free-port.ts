// Ports for processes that come back on the same port: below the range that the kernel gives to outgoing connections,
// so that no client takes one while its server is away.

import { once } from 'node:events';
import { createServer } from 'node:net';

const firstPort = 12_000;
const portCount = 18_000;
const triesMax = 100;

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = firstPort + Math.floor(Math.random() * portCount);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port in ${triesMax} tries`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const told = once(server, 'listening').then(
    () => true,
    // Somebody has it: the next one is tried.
    () => false,
  );
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  const free = await told;
  if (free) await new Promise(resolve => server.close(resolve));
  return free;
}
