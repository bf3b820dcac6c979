// From what an operator sends to the request to the caller that it becomes. Whether the room accepts it is decided there.
import type * as z from 'zod';
import type { RoomRequest } from '../queue/answer-request.ts';
import type { OperatorMessage } from '../queue/room-change.ts';
import { numberOfTicket, type WriteName, writeBodies } from './write-bodies.ts';

/** The request that a checked body asks for, or why it makes no sense. */
export function requestOf(
  name: WriteName,
  body: unknown,
): RoomRequest | { readonly kind: 'senseless'; readonly why: string } {
  switch (name) {
    case 'pace':
      return settings({ pacePerMinute: writeBodies.pace.parse(body).perMinute });
    case 'cap':
      return settings({ activeCap: writeBodies.cap.parse(body).active });
    case 'message':
      return messageRequest(writeBodies.message.parse(body));
    case 'stock':
      return settings({ stock: writeBodies.stock.parse(body).items });
    case 'schedule':
      return scheduleRequest(writeBodies.schedule.parse(body));
    case 'pause':
      return { kind: 'hold', hold: 'paused', on: true };
    case 'resume':
      return { kind: 'hold', hold: 'paused', on: false };
    case 'phase':
      return { kind: 'phase', phase: writeBodies.phase.parse(body).phase };
    case 'drain':
      return settings({ draining: writeBodies.drain.parse(body).on });
    case 'shop':
      return { kind: 'hold', hold: 'shop-down', on: writeBodies.shop.parse(body).failing };
    case 'let-in':
    case 'revoke':
      return {
        kind: name,
        places: writeBodies[name].parse(body).tickets.flatMap(ticket => numberOfTicket(ticket) ?? []),
      };
    case 'autopilot':
      return autopilotRequest(writeBodies.autopilot.parse(body));
    case 'draw/figure':
      return { kind: 'figure', value: writeBodies['draw/figure'].parse(body).value };
  }
}

type Settings = Extract<RoomRequest, { kind: 'settings' }>['settings'];
const settings = (set: Settings): RoomRequest => ({ kind: 'settings', settings: set });
const senseless = (why: string) => ({ kind: 'senseless', why }) as const;

function messageRequest({ text, texts }: z.output<typeof writeBodies.message>) {
  if (text !== undefined && texts !== undefined) return senseless('text and texts are both given: keep one of them');
  const message: OperatorMessage | null | undefined = texts ?? text;
  if (message === undefined) {
    return senseless('text is required: a text of at most 500 characters, or null to take the message away');
  }
  return settings({ message });
}

function autopilotRequest({ reason: _reason, ...given }: z.output<typeof writeBodies.autopilot>) {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(set).length === 0) {
    return senseless('one of mode, minPerMinute, maxPerMinute, stepPercent, latencyTargetMs is required');
  }
  return settings({ autopilot: set });
}

function scheduleRequest({ opensAt, startsAt, endsAt }: z.output<typeof writeBodies.schedule>) {
  if (opensAt === undefined && startsAt === undefined && endsAt === undefined) {
    return senseless('one of opensAt, startsAt, endsAt is required');
  }
  return settings({
    ...(opensAt !== undefined && { opensAtMs: instantOf(opensAt) }),
    ...(startsAt !== undefined && { startsAtMs: instantOf(startsAt) }),
    ...(endsAt !== undefined && { endsAtMs: instantOf(endsAt) }),
  });
}

const instantOf = (text: string | null): number | null => (text === null ? null : Date.parse(text));
