// Checks this device's own place from the facts of the room, as DRAW.md says, step by step. It leaves everybody else's
// places to `junban verify-draw`. Pure.
import { drandChains, firstRoundAfter } from '../../draw/drand-chain.ts';
import { isGenuine } from './drand-signature.ts';
import { sha256 } from './sha256.ts';

export type DrawStep = 'commitment' | 'drand' | 'figure' | 'late' | 'none' | 'seed' | 'place';

/** What this device was told: before the draw and after it. */
export interface DrawClaim {
  readonly room: string;
  readonly number: number;
  readonly place: number;
  /** The commitment that it was shown in the lobby; null: it was not there, or does not remember. */
  readonly commitmentSeen: string | null;
}

/** A step holds, or not, or (null) cannot be proved here. */
export interface CheckedStep {
  readonly step: DrawStep;
  readonly holds: boolean | null;
}

export type DrawCheck =
  /** The room has no draw. */
  | { readonly kind: 'none' }
  /** Not sealed, or not revealed yet. */
  | { readonly kind: 'pending' }
  /**
   * The room says that this number was handed out after the seal: then it is its own place. Null: this device was in the
   * lobby, and whether it joined before the seal is not proved by any of this.
   */
  | { readonly kind: 'after'; readonly holds: boolean | null }
  | {
      readonly kind: 'checked';
      readonly steps: readonly CheckedStep[];
      /** What the steps' sentences name. */
      readonly values: Readonly<Record<string, string>>;
    };

const rounds = 90;
type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});
const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(String(value));
const ofHex = (value: unknown): Uint8Array =>
  Uint8Array.from((String(value).match(/../g) ?? []).map(pair => Number.parseInt(pair, 16)));
const toHex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');

const ofInteger = (value: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, value / 2 ** 32);
  view.setUint32(4, value);
  return bytes;
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const hashOf = (fields: readonly Uint8Array[]): string =>
  toHex(sha256(joined(fields.flatMap(bytes => [ofInteger(bytes.length).subarray(4), bytes]))));

const announcedFields = ({ kind, chain, named }: Fields): readonly Uint8Array[] => {
  if (kind === 'drand') return [utf8('drand'), ofHex(chain)];
  return kind === 'figure' ? [utf8('figure'), utf8(named)] : [utf8('none')];
};

const outcomeFields = ({ kind, round, signature, value }: Fields): readonly Uint8Array[] => {
  if (kind === 'drand') return [utf8('drand'), ofInteger(Number(round)), sha256(ofHex(signature))];
  return kind === 'figure' ? [utf8('figure'), utf8(value)] : [utf8('none')];
};

/** compute_shuffled_index of the Ethereum consensus specs. */
export const shuffledIndex = (number: number, drawn: number, seed: Uint8Array): number => {
  let index = number;
  for (let round = 0; round < rounds; round += 1) {
    const head = joined([seed, Uint8Array.of(round)]);
    const pivot = sha256(head)
      .subarray(0, 8)
      .reduceRight((sum, byte) => (sum * 256 + byte) % drawn, 0);
    const flip = (pivot + drawn - index) % drawn;
    const top = Math.max(index, flip);
    const block = sha256(
      joined([
        head,
        ofInteger(top >>> 8)
          .subarray(4)
          .reverse(),
      ]),
    );
    if ((((block[(top & 255) >>> 3] ?? 0) >>> (top & 7)) & 1) === 1) index = flip;
  }
  return index;
};

/** The round must be that of the start, and signed; a later one leaves the operator a choice, and is not proved. */
const checkRound = (
  { chain: hash, round, signature, previousSignature }: Fields,
  startsAt: unknown,
): boolean | null => {
  const chain = drandChains.find(known => known.hash === hash);
  if (chain === undefined) return false;
  const first = firstRoundAfter(chain, Date.parse(String(startsAt)));
  const previous = previousSignature === undefined ? new Uint8Array() : ofHex(previousSignature);
  if (!(Number(round) >= first) || !isGenuine(chain, ofInteger(Number(round)), ofHex(signature), previous))
    return false;
  return round === first ? true : null;
};

/** What stands in for the randomness: null is what no computation here can show. */
const randomnessSteps = (randomness: Fields, startsAt: unknown): readonly CheckedStep[] => {
  if (randomness.kind === 'drand') return [{ step: 'drand', holds: checkRound(randomness, startsAt) }];
  // That the figure is the true one stands at its source.
  if (randomness.kind === 'figure') return [{ step: 'figure', holds: null }];
  const none: CheckedStep = { step: 'none', holds: null };
  return randomness.announced === undefined ? [none] : [{ step: 'late', holds: null }, none];
};

const isSame = (one: Fields, other: Fields): boolean =>
  one.kind === other.kind && one.chain === other.chain && one.named === other.named;

export const checkDraw = (given: unknown, claim: DrawClaim): DrawCheck => {
  const facts = fieldsOf(given);
  const draw = fieldsOf(facts.draw);
  const proof = fieldsOf(draw.proof);
  const drawn = Number(draw.drawn);
  const { number, place, commitmentSeen } = claim;
  if (facts.draw == null) return { kind: 'none' };
  if (draw.proof == null || draw.drawn == null) return { kind: 'pending' };
  if (number >= drawn) {
    const isKept = place === number && (commitmentSeen ?? draw.commitment) === draw.commitment;
    return { kind: 'after', holds: isKept && commitmentSeen !== null ? null : isKept };
  }
  const randomness = fieldsOf(proof.randomness);
  const announced = randomness.announced === undefined ? randomness : fieldsOf(randomness.announced);
  const room = utf8(proof.room);
  const secret = ofHex(proof.secret);
  const commitment = hashOf([utf8('junban/draw/commitment/v1'), room, secret, ...announcedFields(announced)]);
  const seed = hashOf([
    utf8('junban/draw/seed/v1'),
    room,
    utf8(proof.startsAt),
    secret,
    ...announcedFields(announced),
    ...outcomeFields(randomness),
    ofInteger(drawn),
  ]);
  const isKept =
    proof.room === claim.room &&
    commitment === draw.commitment &&
    commitment === (commitmentSeen ?? commitment) &&
    (draw.announced === undefined || isSame(fieldsOf(draw.announced), announced));
  const isStart = facts.startsAt === null || facts.startsAt === proof.startsAt;
  return {
    kind: 'checked',
    steps: [
      // Who was not shown it before cannot tell that it stood there before.
      { step: 'commitment', holds: isKept && commitmentSeen === null ? null : isKept },
      ...randomnessSteps(randomness, proof.startsAt),
      { step: 'seed', holds: isStart && seed === proof.seed && drawn === proof.drawn },
      { step: 'place', holds: shuffledIndex(number, drawn, ofHex(seed)) === place },
    ],
    values: {
      number: String(number),
      place: String(place),
      drawn: String(drawn),
      round: String(randomness.round),
      named: String(announced.named ?? announced.kind),
      value: String(randomness.value),
    },
  };
};
