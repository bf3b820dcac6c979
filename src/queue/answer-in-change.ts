// What a change says to whoever asked for it. Every gateway is told of every change, so an answer that stands in one need
// not travel as well.

import type { RoomAnswer, RoomRequest } from './answer-request.ts';
import type { RoomChange } from './room-change.ts';

/** The answer to a request that still waits when the change is committed; null: the change says nothing of it. */
export function answerIn(change: RoomChange, request: RoomRequest): RoomAnswer | null {
  if (change.kind === 'admitted' && request.kind === 'claim') {
    const pass = change.passes.find(({ place }) => place === request.place);
    return pass === undefined ? null : { kind: 'admitted', passId: pass.passId, fresh: true };
  }
  if (change.kind === 'pass-ended' && request.kind === 'end-pass') {
    return change.passIds.includes(request.passId) ? { kind: 'done' } : null;
  }
  return null;
}

/** Whether any request could find its answer in it. */
export function holdsAnswers({ kind }: RoomChange): boolean {
  return kind === 'admitted' || kind === 'pass-ended';
}
