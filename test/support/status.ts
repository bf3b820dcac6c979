// STATUS as a client reads it, checked key by key against the public interface.

export const deviceStates = ['lobby', 'waiting', 'called', 'entering', 'missed', 'admitted', 'left', 'ended'] as const;

export type Status = {
  readonly v: 1;
  readonly room: string;
  readonly phase: string;
  readonly paused: boolean;
  readonly state: (typeof deviceStates)[number];
  readonly number: number;
  readonly place: number | null;
  readonly ahead: number | null;
  readonly total: number;
  readonly etaSeconds: readonly [low: number, high: number] | null;
  readonly pacePerMinute: number;
  readonly startsAt: string | null;
  readonly claimBy: string | null;
  readonly message: string | null;
  readonly asOf: string;
  readonly checking: boolean;
  readonly next: number;
};

const isBoolean = (value: unknown) => typeof value === 'boolean';
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isInstant = (value: unknown) =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));
const isOneOf =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value);
const isDrawWait = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).join() === 'named,until' &&
  'named' in value &&
  typeof value.named === 'string' &&
  'until' in value &&
  isInstant(value.until);
const orNull = (fits: (value: unknown) => boolean) => (value: unknown) => value === null || fits(value);
const isRange = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every(isCount) && Number(value[0]) <= Number(value[1]);

/** Every key of STATUS, and what its value must be. */
const fields: Readonly<Record<keyof Status, (value: unknown) => boolean>> = {
  v: isOneOf(1),
  room: value => typeof value === 'string',
  phase: isOneOf('closed', 'lobby', 'open', 'ended'),
  paused: isBoolean,
  state: isOneOf(...deviceStates),
  number: isCount,
  place: orNull(isCount),
  ahead: orNull(isCount),
  total: isCount,
  etaSeconds: orNull(isRange),
  pacePerMinute: value => typeof value === 'number' && value >= 0,
  startsAt: orNull(isInstant),
  claimBy: orNull(isInstant),
  message: orNull(value => typeof value === 'string'),
  asOf: isInstant,
  checking: isBoolean,
  next: value => isCount(value) && Number(value) > 0,
};

/** What is wrong with a STATUS: missing, unknown and ill-typed keys. Empty: nothing. */
export function statusFaults(value: object): string[] {
  const given: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  const known = Object.entries(fields);
  return [
    ...known.filter(([key]) => !given.has(key)).map(([key]) => `${key} is missing`),
    ...known
      .filter(([key, fits]) => given.has(key) && !fits(given.get(key)))
      .map(([key]) => `${key}: ${given.get(key)}`),
    ...[...given.keys()].filter(key => !Object.hasOwn(fields, key)).map(key => `${key} is unknown`),
  ];
}

/** Throws if the text is no STATUS to the letter. */
export function readStatus(text: string): Status {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`not a STATUS: ${text}`);
  // While the shop fails, while nobody is called, at the cap, and while a draw waits, the status says so with one more key.
  const { shopFailing, calling, full, calledPerMinute, drawWaits, ...plain } = {
    ...{ shopFailing: true, calling: false, full: true, calledPerMinute: 1, drawWaits: null },
    ...value,
  };
  const faults = statusFaults(plain);
  if (drawWaits !== null && !isDrawWait(drawWaits)) faults.push(`drawWaits: ${JSON.stringify(drawWaits)}`);
  if (!isCount(calledPerMinute) || Number(calledPerMinute) < 1) faults.push(`calledPerMinute: ${calledPerMinute}`);
  if (calling !== false) faults.push(`calling: ${calling}`);
  if (full !== true) faults.push(`full: ${full}`);
  if (shopFailing !== true || faults.length > 0) throw new Error(`not a STATUS (${faults.join(', ')}): ${text}`);
  return plain as Status;
}
