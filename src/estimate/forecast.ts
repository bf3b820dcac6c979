// What would happen to the line at another pace: when it would be empty, from what stands in it and what still comes.

export type ForecastNeeds = {
  /** Devices in line now. */
  readonly waiting: number;
  /** The pace to try, per minute. */
  readonly pacePerMinute: number;
  /** Devices that join, per minute, as measured lately. */
  readonly joinsPerMinute: number;
  readonly activeCap: number;
  /** How long a pass was held on average; null: not known, then the cap is taken not to bind. */
  readonly meanStayMs: number | null;
};

export type Forecast = {
  /** What is really let in, per minute: the pace, or less where the cap binds. */
  readonly admittedPerMinute: number;
  readonly isBoundByCap: boolean;
  /** How much shorter the line gets, per minute; negative: it grows. */
  readonly shorterPerMinute: number;
  /** When the line would be empty, from now; null: never, as things stand. */
  readonly emptyInMs: number | null;
};

export function forecast(needs: ForecastNeeds): Forecast {
  const { waiting, pacePerMinute, joinsPerMinute, activeCap, meanStayMs } = needs;
  const capPerMinute =
    meanStayMs === null || meanStayMs <= 0 ? Number.POSITIVE_INFINITY : (activeCap * 60_000) / meanStayMs;
  const admittedPerMinute = Math.min(pacePerMinute, capPerMinute);
  const shorterPerMinute = admittedPerMinute - joinsPerMinute;
  const emptyInMs = waiting === 0 ? 0 : shorterPerMinute <= 0 ? null : Math.ceil((waiting * 60_000) / shorterPerMinute);
  return { admittedPerMinute, isBoundByCap: capPerMinute < pacePerMinute, shorterPerMinute, emptyInMs };
}

/** Little's law: how long a pass is held, from how many are alive and how many are let in. Null: nothing is known. */
export function meanStayMs(active: number, admittedPerMinute: number): number | null {
  return admittedPerMinute <= 0 || active <= 0 ? null : (active * 60_000) / admittedPerMinute;
}
