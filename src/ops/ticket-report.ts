// Where one ticket stands, for whoever supports a fan: what its page shows, and what the page cannot know.
import type { Status } from '../page/status.ts';
import { ticketCode } from '../page/ticket-code.ts';

export type TicketReport = Pick<
  Status,
  'room' | 'state' | 'place' | 'ahead' | 'etaSeconds' | 'claimBy' | 'checking'
> & {
  /** As the page shows it. */
  readonly code: string;
  /** The arrival number. */
  readonly number: number;
  /** It came before the draw, so its place was drawn; null before the seal. */
  readonly isDrawn: boolean | null;
  /** Connected, asked lately, or gone for less than the grace time. */
  readonly present: boolean;
  /** When its pass ends if it is not used again; null without a pass. */
  readonly passEndsAt: string | null;
  readonly asOf: string;
};

export type TicketFacts = {
  readonly number: number;
  /** How many numbers the draw had; null before the seal or without a draw. */
  readonly drawn: number | null;
  /** What the device itself would be told now. */
  readonly status: Status;
  readonly isPresent: boolean;
  readonly passEndsAtMs: number | null;
};

/** PG140. */
export function reportTicket({ number, drawn, status, isPresent, passEndsAtMs }: TicketFacts): TicketReport {
  const { room, state, place, ahead, etaSeconds, claimBy, checking, asOf } = status;
  return {
    ...{ room, code: ticketCode(number), number, state },
    isDrawn: drawn === null ? null : number < drawn,
    ...{ place, ahead, etaSeconds, present: isPresent, claimBy },
    passEndsAt: passEndsAtMs === null ? null : new Date(passEndsAtMs).toISOString(),
    ...{ checking, asOf },
  };
}
