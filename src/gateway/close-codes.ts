// Why the gateway closes a socket. The range tells a client what to do; PROTOCOL.md says it in words.

/** 4000–4099: connect again, after the milliseconds named in the reason. 4100–4199: do not connect again as you are. */
export const closeCodes = {
  /** This gateway stops; another one, or this one soon, goes on. The reason is a delay in milliseconds. */
  restarting: 4001,
  /** The device opened more connections than it may have; the oldest is closed. */
  superseded: 4102,
  /** The device left the line by its own word; the last status said so. */
  left: 4104,
  /** The gateway could not serve the socket; its log says why (RFC 6455, 7.4.1). */
  internalError: 1011,
  /** The client sent what no client of this protocol sends. */
  unexpectedMessage: 4103,
} as const;
