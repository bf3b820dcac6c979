// The asking side: requests that wait for an answer of the caller. They are sent again until one comes, under the same id.

import { randomBytes } from 'node:crypto';
import { answerIn, holdsAnswers } from '../../queue/answer-in-change.ts';
import type { RoomAnswer, RoomRequest } from '../../queue/answer-request.ts';
import type { RoomChange } from '../../queue/room-change.ts';
import { StoreError } from '../store-error.ts';
import { type AskedMessage, type AskedRequest, decodeAnswers } from './asked-messages.ts';

/** Longer than the claim gate holds a request. */
const answerMsMax = 5_000;
const sendAgainAfterMs = 500;
/** Requests that wait; beyond it a request is refused at once. */
const waitingMax = 50_000;

export type AskedRequestsNeeds = {
  readonly instance: string;
  readonly publish: (room: string, message: string) => Promise<unknown>;
  /** Calls back when the followers of the room here have been given its first `version` changes. */
  readonly whenFollowed: (room: string, version: number, done: () => void) => void;
};

type Waiting = AskedRequest & {
  readonly room: string;
  readonly untilMs: number;
  sentAtMs: number;
  readonly resolve: (answer: RoomAnswer) => void;
  readonly reject: (error: unknown) => void;
};

export class AskedRequests {
  readonly #needs: AskedRequestsNeeds;
  readonly #waiting = new Map<string, Waiting>();
  #unsent: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(needs: AskedRequestsNeeds) {
    this.#needs = needs;
  }

  ask(room: string, request: RoomRequest): Promise<RoomAnswer> {
    if (this.#isStopped) return Promise.reject(new StoreError('unavailable', 'the store is closed'));
    if (this.#waiting.size >= waitingMax) {
      return Promise.reject(new StoreError('unavailable', `${waitingMax} requests already wait for the caller`));
    }
    const untilMs = performance.now() + answerMsMax;
    const id = randomBytes(9).toString('base64url');
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { id, request, room, untilMs, sentAtMs: 0, resolve, reject };
      this.#waiting.set(id, waiting);
      if (this.#unsent.push(waiting) === 1) setImmediate(() => this.#send());
      this.#timer ??= setInterval(() => this.#tick(), sendAgainAfterMs / 2);
    });
  }

  heard(message: string): void {
    const { room, version, answers } = decodeAnswers(message);
    this.#needs.whenFollowed(room, version, () => {
      for (const { id, answer } of answers) {
        this.#waiting.get(id)?.resolve(answer);
        this.#waiting.delete(id);
      }
    });
  }

  /** Changes that the followers of the room here were given: some of what waits is answered by them. // ST140 */
  saw(room: string, changes: readonly RoomChange[]): void {
    if (this.#waiting.size === 0) return;
    const telling = changes.filter(holdsAnswers);
    if (telling.length === 0) return;
    const fresh = new Set<string>();
    for (const waiting of this.#waiting.values()) {
      if (waiting.room !== room) continue;
      const answer = findAnswer(telling, waiting.request);
      if (answer === null) continue;
      this.#waiting.delete(waiting.id);
      waiting.resolve(answer.kind === 'admitted' && fresh.has(answer.passId) ? { ...answer, fresh: false } : answer);
      // One request let the device in; others of the same device find it inside.
      if (answer.kind === 'admitted') fresh.add(answer.passId);
    }
  }

  /** Answers may have been lost: everything is asked again now. */
  sendAgain(): void {
    this.#unsent = [...this.#waiting.values()];
    this.#send();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const { reject } of this.#waiting.values()) reject(new StoreError('unavailable', 'the store is closed'));
    this.#waiting.clear();
    this.#unsent = [];
  }

  #send(): void {
    const nowMs = performance.now();
    const byRoom = Map.groupBy(this.#unsent.splice(0), ({ room }) => room);
    for (const [room, waiting] of byRoom) {
      for (const each of waiting) each.sentAtMs = nowMs;
      const requests = waiting.map(({ id, request }) => ({ id, request }));
      const message: AskedMessage = { from: this.#needs.instance, requests };
      // What could not be sent is sent again like what got no answer, until its time is over.
      this.#needs.publish(room, JSON.stringify(message)).catch(() => undefined);
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const waiting of this.#waiting.values()) {
      if (nowMs >= waiting.untilMs) {
        this.#waiting.delete(waiting.id);
        waiting.reject(new StoreError('unavailable', `the caller of the room did not answer within ${answerMsMax} ms`));
      } else if (waiting.sentAtMs > 0 && nowMs - waiting.sentAtMs >= sendAgainAfterMs) this.#unsent.push(waiting);
    }
    this.#send();
    if (this.#waiting.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

function findAnswer(changes: readonly RoomChange[], request: RoomRequest): RoomAnswer | null {
  for (const change of changes) {
    const answer = answerIn(change, request);
    if (answer !== null) return answer;
  }
  return null;
}
