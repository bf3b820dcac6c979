// Reads STATUS from outside, as any client would: only what a fan acts on, and nothing that is not as the interface says.
const states = ['lobby', 'waiting', 'called', 'entering', 'missed', 'admitted', 'left', 'ended'] as const;

export type FanState = (typeof states)[number];

export interface FanStatus {
  readonly state: FanState;
  readonly number: number;
  readonly ahead: number | null;
  /** When to ask again. */
  readonly nextMs: number;
}

/** Undefined when the text is no STATUS. */
export function readStatus(text: string): FanStatus | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // Not JSON, so no STATUS.
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const state = states.find(known => known === fields.get('state'));
  const number = fields.get('number');
  const ahead = fields.get('ahead') ?? null;
  const nextMs = fields.get('next');
  if (state === undefined || typeof number !== 'number' || fields.get('v') !== 1) return undefined;
  if (ahead !== null && typeof ahead !== 'number') return undefined;
  return { state, number, ahead, nextMs: typeof nextMs === 'number' ? nextMs : 5_000 };
}

/** Something for the fan to do, or the end of this wait. */
export function asksToAct({ state }: FanStatus): boolean {
  return state !== 'lobby' && state !== 'waiting';
}
