// The live feed as server-sent events: all rooms once a second, and at once when somebody steered one.
import type { OpsStream } from '../ops-problem.ts';
import type { ApiNeeds } from './api-needs.ts';
import { type Operation, operation } from './operation.ts';

export function eventOperation({ feed }: ApiNeeds): Operation {
  return operation({
    ...{ name: 'followRooms', method: 'GET', path: '/api/v1/events', role: 'viewer' },
    summary: 'All rooms once a second as server-sent events of the type `rooms`; the data is what listRooms answers.',
    answers: [{ status: 200, contentType: 'text/event-stream', schema: null }],
    async run({ operator }): Promise<OpsStream> {
      return {
        status: 200,
        headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
        begin(write, end) {
          return feed.listen(rooms => {
            // A revoked token ends what was opened with it.
            if (!operator.isValid()) return end();
            // Of itself a browser would wait three seconds before it asks again.
            write(`event: rooms\nretry: 1000\ndata: ${JSON.stringify({ rooms })}\n\n`);
          });
        },
      };
    },
  });
}
