// The stand in a process of its own, so that its memory can be measured: sends its port, then, when asked, by how much
// its RSS has grown at most.
// Started with --expose-gc it collects before each look: what is held counts, not how late the collector is.

import { startStand } from './proxy-stand.ts';

const origin = process.argv[2];
if (origin === undefined || process.send === undefined) throw new Error('started without an origin or a parent');
const { port } = await startStand({ origin });
globalThis.gc?.();
const idleBytes = process.memoryUsage.rss();
let peakBytes = idleBytes;
setInterval(() => {
  globalThis.gc?.();
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 20);
process.on('message', () => process.send?.({ addedBytes: peakBytes - idleBytes }));
process.on('disconnect', () => process.exit(0));
process.send({ port });
