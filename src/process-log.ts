// What a process tells its operators of its own accord.

/** pino fits. */
export type Log = {
  level: string;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

export function failureTo(log: Log): (error: unknown) => void {
  return error => log.error({ err: error }, 'a failure that nobody expected');
}

export function troubleTo(log: Log): (room: string, reason: string | null) => void {
  return (room, reason) => {
    if (reason === null) log.info({ room }, 'the trouble is over, calling goes on');
    else log.error({ room, reason }, 'nobody is called, places are kept');
  };
}

export function relayTo(log: Log): (room: string, url: string, reason: string) => void {
  return (room, url, reason) => log.warn({ room, url, reason }, 'a drand relay gave no round');
}
