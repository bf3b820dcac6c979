// The stand in a process of its own, so that its memory can be measured: prints its port, answers "peak" with its peak RSS.

import { startStand } from './proxy-stand.ts';

const origin = process.argv[2];
if (origin === undefined || process.send === undefined) throw new Error('started without an origin or a parent');
const { port } = await startStand({ origin });
let peakBytes = 0;
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 20);
process.on('message', () => process.send?.({ peakBytes }));
process.on('disconnect', () => process.exit(0));
process.send({ port });
