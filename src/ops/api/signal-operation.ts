// What the shop's own monitoring posts about the shop, for the autopilot; the way for shops that are not behind the proxy.
import * as z from 'zod';
import { isStoreError } from '../../store/store-error.ts';
import { jsonAnswer, type OpsAnswer, opsProblem } from '../ops-problem.ts';
import type { ApiNeeds, OpsRoom } from './api-needs.ts';
import { expected } from './check-body.ts';
import { json, type Operation, operation } from './operation.ts';
import { withRoom } from './room-operations.ts';
import { instantText } from './texts.ts';
import { within } from './within.ts';

const share = expected('a number from 0 to 1');
const latency = expected('a number of milliseconds from 0 to 600000');

const signalBody = z.strictObject({
  source: z.string().min(1).max(80).meta({ description: 'One of autopilot.signalSources.' }),
  at: instantText('when this was measured').meta({
    description: 'When this was measured, RFC 3339; each source in rising order, at most a minute old.',
  }),
  overloaded: z.boolean(expected('true or false')).optional(),
  errorShare: z.number(share).gte(0, share).lte(1, share).optional(),
  latencyMs: z.number(latency).gte(0, latency).lte(600_000, latency).optional(),
});

export function signalOperation(needs: ApiNeeds): Operation {
  return operation({
    ...{ name: 'postSignal', method: 'POST', path: '/api/v1/rooms/{room}/signals', role: 'operator' },
    summary: 'Tell the autopilot how the shop is: by the shop’s own monitoring, for shops not behind the proxy.',
    body: signalBody,
    answers: [json(z.object({ heard: z.literal(true) }))],
    problems: ['room-unknown', 'not-possible-now', 'invalid-value', 'store-unavailable'],
    run: ask => withRoom(needs, ask, room => hear(needs, room, ask.body)),
  });
}

async function hear(needs: ApiNeeds, room: OpsRoom, body: z.output<typeof signalBody>): Promise<OpsAnswer> {
  const { source, at, overloaded, errorShare, latencyMs } = body;
  if (!room.signalSources.includes(source)) {
    const detail = 'is not one of autopilot.signalSources of this room';
    return opsProblem('invalid-value', `source ${detail}.`, { problems: [{ field: 'source', detail }] });
  }
  if (overloaded === undefined && errorShare === undefined && latencyMs === undefined) {
    return opsProblem('invalid-value', 'One of overloaded, errorShare, latencyMs is required: this says nothing.');
  }
  try {
    const answer = await within(
      needs.commitWaitMs,
      room.ask({
        kind: 'shop-signal',
        source,
        atMs: Date.parse(at),
        ...(overloaded !== undefined && { isOverloaded: overloaded }),
        ...(errorShare !== undefined && { badShare: errorShare }),
        ...(latencyMs !== undefined && { latencyMs }),
      }),
    );
    if (answer.kind === 'refused') {
      return opsProblem('invalid-value', `at is refused: ${answer.reason}.`, {
        problems: [{ field: 'at', detail: answer.reason }],
      });
    }
  } catch (error) {
    if (!isStoreError(error, 'unavailable')) throw error;
    return opsProblem('store-unavailable', `Whether this was heard is not known: ${error.message}.`, {
      headers: { 'Retry-After': '2' },
    });
  }
  return jsonAnswer(200, { heard: true });
}
