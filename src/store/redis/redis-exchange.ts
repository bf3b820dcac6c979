// The exchange between gateways over Redis: requests and answers as messages, presence as leases. What is common to all
// gateways of a room is read once a second, however many they are.

import type { RoomAnswer, RoomRequest } from '../../queue/answer-request.ts';
import type { PresenceBytes, RoomExchange } from '../room-exchange.ts';
import { AskedRequests } from './asked-requests.ts';
import { answersChannel, keysOfRoom } from './keys.ts';
import { PresenceLeases } from './presence-leases.ts';
import type { RedisLink } from './redis-link.ts';
import { RequestAnswers } from './request-answers.ts';
import type { Subscriptions } from './subscriptions.ts';

export type RedisExchangeNeeds = {
  readonly link: RedisLink;
  readonly subscriptions: Subscriptions;
  readonly prefix: string;
  readonly instance: string;
};

export class RedisExchange implements RoomExchange {
  readonly #needs: RedisExchangeNeeds;
  readonly #asked: AskedRequests;
  readonly #presence: PresenceLeases;
  readonly #answering = new Map<string, RequestAnswers>();

  constructor(needs: RedisExchangeNeeds) {
    this.#needs = needs;
    const { link, subscriptions, prefix, instance } = needs;
    this.#asked = new AskedRequests({
      instance,
      publish: (room, message) => link.publish(keysOfRoom(prefix, room).asked, message),
    });
    subscriptions.add(answersChannel(prefix, instance), {
      onMessage: message => this.#asked.heard(message),
      onSubscribed: () => this.#asked.sendAgain(),
    });
    this.#presence = new PresenceLeases(link, prefix, instance);
  }

  ask(room: string, request: RoomRequest): Promise<RoomAnswer> {
    // The caller may be this gateway: then nothing has to travel.
    return this.#answering.get(room)?.answerHere(request) ?? this.#asked.ask(room, request);
  }

  answerAsked(room: string, answer: (request: RoomRequest) => Promise<RoomAnswer>): () => void {
    const { link, subscriptions, prefix } = this.#needs;
    const answers = new RequestAnswers({
      answer,
      publish: (instance, message) => link.publish(answersChannel(prefix, instance), message),
    });
    this.#answering.set(room, answers);
    const stopListening = subscriptions.add(keysOfRoom(prefix, room).asked, {
      onMessage: message => answers.heard(message),
      // Who asked meanwhile asks again by itself.
      onSubscribed: () => undefined,
    });
    return () => {
      stopListening();
      if (this.#answering.get(room) === answers) this.#answering.delete(room);
    };
  }

  sayPresent(room: string, here: PresenceBytes, leaseMs: number): Promise<PresenceBytes | null> {
    return this.#presence.say(room, here, leaseMs);
  }

  collectPresent(room: string): Promise<readonly PresenceBytes[]> {
    return this.#presence.collect(room);
  }

  publishPresent(room: string, epoch: number, everybody: PresenceBytes): Promise<boolean> {
    return this.#presence.publish(room, epoch, everybody);
  }

  /** Whoever still waits for an answer is told that none will come. */
  stop(): void {
    this.#asked.stop();
  }
}
