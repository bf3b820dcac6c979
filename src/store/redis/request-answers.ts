// The answering side: each request is carried out once, however often it is sent; answers of one turn share a message.

import { isDeepStrictEqual } from 'node:util';
import { answerIn, holdsAnswers } from '../../queue/answer-in-change.ts';
import type { RoomAnswer, RoomRequest } from '../../queue/answer-request.ts';
import type { RoomChange } from '../../queue/room-change.ts';
import { isStoreError } from '../store-error.ts';
import { type AnswersMessage, decodeAsked } from './asked-messages.ts';

/** Longer than anybody goes on asking. */
const rememberedMs = 10_000;
/** Requests that are remembered; beyond it new ones get no answer until old ones are forgotten. */
const rememberedMax = 200_000;

export type RequestAnswersNeeds = {
  readonly room: string;
  /** How many changes the room's history has, as far as this gateway knows. */
  readonly version: () => number;
  readonly answer: (request: RoomRequest) => Promise<RoomAnswer>;
  readonly publish: (instance: string, message: string) => Promise<unknown>;
  /** Told of what nobody expected. */
  readonly onFailure: (error: unknown) => void;
};

/** Only gateways of another version ask so. */
const notUnderstood: RoomAnswer = { kind: 'refused', reason: 'the gateway that calls does not know this request' };

type Remembered = {
  readonly heardAtMs: number;
  readonly request: RoomRequest;
  answer: RoomAnswer | null;
  /** What a change told the asker while there was no answer yet. */
  told: RoomAnswer | null;
};
type Answered = { readonly id: string; readonly answer: RoomAnswer };

export class RequestAnswers {
  readonly #needs: RequestAnswersNeeds;
  /** In the order in which they were heard. */
  readonly #remembered = new Map<string, Remembered>();
  /** Those of them without an answer. */
  readonly #pending = new Set<Remembered>();
  #unsent = new Map<string, Answered[]>();

  constructor(needs: RequestAnswersNeeds) {
    this.#needs = needs;
  }

  answerHere(request: RoomRequest): Promise<RoomAnswer> {
    return this.#needs.answer(request);
  }

  heard(message: string): void {
    const { from, requests } = decodeAsked(message);
    this.#forget();
    for (const { id, request } of requests) {
      const known = this.#remembered.get(id);
      if (request === null) this.#sendSoon(from, { id, answer: notUnderstood });
      else if (known === undefined) this.#carryOut(from, id, request);
      else if (known.answer !== null) this.#sendSoon(from, { id, answer: known.answer });
    }
  }

  /** Changes that all gateways are told: the answers in them need not be sent. // ST140 */
  saw(changes: readonly RoomChange[]): void {
    if (this.#pending.size === 0) return;
    for (const change of changes.filter(holdsAnswers)) {
      for (const remembered of this.#pending) remembered.told ??= answerIn(change, remembered.request);
    }
  }

  #carryOut(from: string, id: string, request: RoomRequest): void {
    if (this.#remembered.size >= rememberedMax) return;
    const remembered: Remembered = { heardAtMs: performance.now(), request, answer: null, told: null };
    this.#remembered.set(id, remembered);
    this.#pending.add(remembered);
    this.#needs.answer(request).then(
      answer => {
        this.#pending.delete(remembered);
        remembered.answer = answer;
        // Whoever missed the change asks again, and is answered then.
        if (!isDeepStrictEqual(answer, remembered.told)) this.#sendSoon(from, { id, answer });
      },
      (error: unknown) => {
        this.#pending.delete(remembered);
        // Not the caller, or not now: asked again, it is tried again.
        this.#remembered.delete(id);
        if (!isStoreError(error)) this.#needs.onFailure(error);
      },
    );
  }

  #sendSoon(to: string, answered: Answered): void {
    if (this.#unsent.size === 0) setImmediate(() => this.#send());
    const unsent = this.#unsent.get(to);
    if (unsent === undefined) this.#unsent.set(to, [answered]);
    else unsent.push(answered);
  }

  #send(): void {
    const unsent = this.#unsent;
    this.#unsent = new Map();
    for (const [to, answers] of unsent) {
      const message: AnswersMessage = { room: this.#needs.room, version: this.#needs.version(), answers };
      // Who gets no answer asks again.
      this.#needs.publish(to, JSON.stringify(message)).catch(() => undefined);
    }
  }

  #forget(): void {
    const beforeMs = performance.now() - rememberedMs;
    for (const [id, { heardAtMs }] of this.#remembered) {
      if (heardAtMs >= beforeMs) return;
      this.#remembered.delete(id);
    }
  }
}
