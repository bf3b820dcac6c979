// Remembers which passes are genuine, so that a repeated check is a map lookup and needs no await. Only what the
// signature decides is remembered; room, times and the end of keys are judged at every check. Rules PS11 to PS13.
import type { HereAndNow } from './claims.ts';
import type { Keys } from './key-set.ts';
import { judgePass, type PassReading, type PassVerdict, readPass, refuseByForm } from './pass.ts';
import { RecentMap } from './recent-map.ts';

export const genuineMaxDefault = 50_000;
/** Forged passes are remembered apart, or a flood of them would push the genuine ones out. */
const forgedMax = 4_000;

type PassKeys = Pick<Keys, 'passes'>;

export class PassVerifier {
  #keys: PassKeys;
  readonly #genuine: RecentMap<PassReading>;
  readonly #forged = new RecentMap<PassReading>(forgedMax);
  #underWay = new Map<string, Promise<PassReading>>();

  /** `genuineMax`: how many passes are remembered, about 1 KB each; default 50,000. */
  constructor(keys: PassKeys, genuineMax = genuineMaxDefault) {
    this.#keys = keys;
    this.#genuine = new RecentMap(genuineMax);
  }

  /** How many answers are remembered now. */
  get remembered(): number {
    return this.#genuine.size + this.#forged.size;
  }

  /** From now on only these keys count: nothing that other keys proved is used again. */
  useKeys(keys: PassKeys): void {
    this.#keys = keys;
    this.#genuine.clear();
    this.#forged.clear();
    this.#underWay = new Map();
  }

  /** The verdict if it takes no cryptography; undefined: ask `verify`. */
  peek(token: string, at: HereAndNow): PassVerdict | undefined {
    const reading = this.#genuine.get(token);
    if (reading !== undefined) return judgePass(reading, at);
    const refusal = refuseByForm(this.#keys, token);
    if (refusal !== undefined) return refusal;
    const forged = this.#forged.get(token);
    return forged === undefined ? undefined : judgePass(forged, at);
  }

  /** Never rejects. Checks of one token that come together share one verification. */
  async verify(token: string, at: HereAndNow): Promise<PassVerdict> {
    for (;;) {
      const known = this.peek(token, at);
      if (known !== undefined) return known;
      const keys = this.#keys;
      const reading = await (this.#underWay.get(token) ?? this.#read(token));
      // Keys that changed meanwhile may be keys that were removed: ask the new ones.
      if (keys === this.#keys) return judgePass(reading, at);
    }
  }

  #read(sliceOfHeader: string): Promise<PassReading> {
    // A token cut out of a header would keep the whole header alive in memory for as long as it is remembered.
    const token = Buffer.from(sliceOfHeader, 'latin1').toString('latin1');
    const keys = this.#keys;
    const underWay = this.#underWay;
    const reading = readPass(keys, token).then(answer => {
      underWay.delete(token);
      if (keys === this.#keys) (answer.kind === 'genuine' ? this.#genuine : this.#forged).set(token, answer);
      return answer;
    });
    underWay.set(token, reading);
    return reading;
  }
}
