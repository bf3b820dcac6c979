// Whether an error signature says anything: one that every page carries would close a shop that is well. It is believed
// once the shop has been seen without it.

/** So many answers are one look. */
const lookAnswers = 20;
/** One answer without it in so many is an accident: the signature matches practically every page. */
const cleanShareMin = 0.05;
/** After a look with so large a share of answers without it, the signature is believed for good. */
const cleanShareSure = 0.5;

export type SignatureTrust = {
  /** `isMatch`: the answer carried a signature and would have counted as good without it. */
  observe(isMatch: boolean): void;
  /** unknown: every answer so far matches, and they are few. useless: nearly every answer matches, and always did. */
  verdict(): 'unknown' | 'trusted' | 'useless';
};

export function createSignatureTrust(): SignatureTrust {
  let isSure = false;
  let seen = { answers: 0, clean: 0 };
  let look = { answers: 0, clean: 0 };
  const count = (counts: typeof seen, isMatch: boolean) => ({
    answers: counts.answers + 1,
    clean: counts.clean + (isMatch ? 0 : 1),
  });
  return {
    verdict() {
      if (isSure) return 'trusted';
      if (seen.answers < lookAnswers) return seen.clean > 0 ? 'trusted' : 'unknown';
      return seen.clean >= cleanShareMin * seen.answers ? 'trusted' : 'useless';
    },
    observe(isMatch) {
      if (isSure) return;
      seen = count(seen, isMatch);
      look = count(look, isMatch);
      if (look.answers < lookAnswers) return;
      isSure = look.clean >= cleanShareSure * look.answers;
      look = { answers: 0, clean: 0 };
    },
  };
}
