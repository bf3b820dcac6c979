// What has become of the fans so far. Counted by fan-life.ts and shop-visit.ts, printed by whoever started the fans.
export const fanErrors = [
  /** No connection, or it broke. */
  'network',
  /** No answer in time. */
  'slow',
  /** A socket or event stream that said nothing for too long. */
  'silent',
  /** A 5xx other than M941. */
  'http5xx',
  /** An honest 5xx of the gateway's own in place of the shop's answer, as a demo shop's client can tell. */
  'held',
  /** The shop's failure at the payment. */
  'm941',
  /** The ticket, the pass or the request was refused. */
  'refused',
  /** An answer that is not in the public interface. */
  'unreadable',
  /** The line's page in place of the shop, for a fan who was inside. */
  'thrownBack',
] as const;

export type FanError = (typeof fanErrors)[number];

export interface FanCounters {
  /** Now. */
  inLine: number;
  inShop: number;
  /** Since the start. */
  arrived: number;
  joined: number;
  /** Let into the shop without a line. */
  straightIn: number;
  called: number;
  admitted: number;
  bought: number;
  soldOut: number;
  boughtNothing: number;
  left: number;
  noShows: number;
  lostNetwork: number;
  /** Asked by the gateway to connect again later. */
  sentAway: number;
  /** Was told that the place or the room is over. */
  ended: number;
  /** Went away because of errors. */
  gaveUp: number;
  readonly errors: Record<FanError, number>;
}

export function openFanCounters(): FanCounters {
  return {
    inLine: 0,
    inShop: 0,
    arrived: 0,
    joined: 0,
    straightIn: 0,
    called: 0,
    admitted: 0,
    bought: 0,
    soldOut: 0,
    boughtNothing: 0,
    left: 0,
    noShows: 0,
    lostNetwork: 0,
    sentAway: 0,
    ended: 0,
    gaveUp: 0,
    errors: { network: 0, slow: 0, silent: 0, http5xx: 0, held: 0, m941: 0, refused: 0, unreadable: 0, thrownBack: 0 },
  };
}
