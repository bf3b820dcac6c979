// What an operator decides about the autopilot of a room, and what the autopilot has decided last. How it decides is in
// admission/.

export const autopilotModes = ['off', 'shadow', 'on'] as const;
/** off: no advice. shadow: it says what it would do. on: its pace holds. */
export type AutopilotMode = (typeof autopilotModes)[number];

export type AutopilotRules = {
  readonly mode: AutopilotMode;
  /** It never sets a pace below this one. */
  readonly minPerMinute: number;
  /** It never sets a pace above this one. */
  readonly maxPerMinute: number;
  /** It lets the number inside grow by so much in five seconds; half as much again after 12 s at ease, thrice at first and after a failure. */
  readonly stepPercent: number;
  /** Nine of ten answers of the shop should begin within this time; null: learned from the shop at ease. */
  readonly latencyTargetMs: number | null;
};

/** What led to a change of the pace; a closed set, for metrics. */
export const autopilotCauses = [
  'start',
  'unknown',
  'errors',
  'latency',
  'signals',
  'failing',
  'recovered',
  'headroom',
] as const;
export type AutopilotCause = (typeof autopilotCauses)[number];

/** The last decision of the autopilot; `pacePerMinute` null: none since the pace was set by hand. */
export type AutopilotState = {
  readonly pacePerMinute: number | null;
  readonly cause: AutopilotCause;
  /** In words, for operators. */
  readonly reason: string;
  readonly atMs: number;
  /** Who decided it took the room for one that nobody had steered before, and lets it grow so. // AP160 */
  readonly isNew?: true;
};

export const freshAutopilot: AutopilotState = {
  pacePerMinute: null,
  cause: 'start',
  reason: 'nothing has been decided yet',
  atMs: 0,
};
