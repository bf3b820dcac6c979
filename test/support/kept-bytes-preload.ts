// Preloaded into a gateway: from one SIGUSR2 to the next it counts the bytes that collections of young objects carry over to
// the old ones, those among them that nobody needs any more, and then says how many.

import { GCProfiler, type HeapSpaceStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const oldBytes = (spaces: readonly HeapSpaceStatistics[]): number =>
  spaces.find(({ spaceName }) => spaceName === 'old_space')?.spaceUsedSize ?? 0;

let counting: GCProfiler | null = null;
if (isMainThread) {
  process.on('SIGUSR2', () => {
    if (counting === null) {
      counting = new GCProfiler();
      counting.start();
      return;
    }
    const collections = counting.stop().statistics.filter(({ gcType }) => gcType === 'Scavenge');
    const keptBytes = collections
      .map(({ beforeGC, afterGC }) => oldBytes(afterGC.heapSpaceStatistics) - oldBytes(beforeGC.heapSpaceStatistics))
      .reduce((sum, bytes) => sum + bytes, 0);
    counting = null;
    console.log(`kept ${keptBytes} bytes in ${collections.length} collections.`);
  });
}
