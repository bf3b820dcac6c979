// An answer of the gateway as the page decodes it. What follows from it is decided by each caller.
import type { Status } from '../status.ts';

export interface Answer {
  /** 0 when no answer came. */
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly status: Status | null;
  /** From Retry-After; null when the server did not say. */
  readonly retryAfterMs: number | null;
}

const ticketRefusals: readonly unknown[] = ['ticket-missing', 'ticket-invalid', 'ticket-other-room'];

/** By our code: a 401 or 403 alone may be a firewall's or a captive portal's. */
export const isTicketRefused = ({ body }: Answer): boolean => ticketRefusals.includes(body.code);

/** A proxy in between answers for a gateway that is gone, and knows neither our passes nor our problems. */
export const isOfGateway = ({ code, body }: Answer): boolean =>
  code !== 0 && (body.pass !== undefined || body.code !== undefined);
