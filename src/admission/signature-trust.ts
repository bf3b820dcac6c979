// Whether an error signature says anything: one that every page carries would close a shop that is well. It is believed
// once the shop has been seen without it, by this gateway or, not long ago, by any.

/** So many answers are one look. */
const lookAnswers = 20;
/** One answer without it in so many is an accident: the signature matches practically every page. */
const cleanShareMin = 0.05;
/** After a look with so large a share of answers without it, the signature is believed for good. */
const cleanShareSure = 0.5;
/** What the room knows holds for so long: a shop may have changed since, and then carry it on every page. */
const knownMsMax = 7 * 86_400_000;
/** So often at most what the room knows is renewed. */
const knownAgainMs = 86_400_000;

/** And so long after the last note at least where gateways have other signatures: each would note its own without end. */
const otherAgainMs = 600_000;
/** Data tell the room of a clean shop only where for so long nobody asked for a page. */
const dataAloneMs = 60_000;

/** Signatures, named by what they are, that the shop was surely seen without, at that instant. */
export type CleanSignatures = { readonly signatures: string; readonly atMs: number };

/** Whether the room knows these signatures to be clean. // AP120 */
export function isKnownClean(known: CleanSignatures | null, signatures: string, nowMs: number): boolean {
  return known?.signatures === signatures && nowMs - known.atMs < knownMsMax;
}

/** Whether it is worth a change of the room that these were seen clean now. */
export function isCleanNews(known: CleanSignatures | null, signatures: string, nowMs: number): boolean {
  if (known === null) return true;
  return nowMs - known.atMs >= (known.signatures === signatures ? knownAgainMs : otherAgainMs);
}

export type SignatureTrust = {
  /**
   * `isMatch`: the answer carried a signature and would have counted as good without it. Once a page was seen only pages
   * tell: data seldom carry what pages do.
   */
  observe(isMatch: boolean, isPage: boolean, nowMs: number): void;
  /** unknown: every answer so far matches, and they are few. useless: nearly every answer matches, and always did. */
  verdict(): 'unknown' | 'trusted' | 'useless';
  /** Whether a look since this was asked last was surely clean. */
  takeClean(): boolean;
};

/** `isKnown`: whether the room knows that the shop was seen without it. // AP141 */
export function createSignatureTrust(isKnown: () => boolean): SignatureTrust {
  const [pages, data] = [createLooks(), createLooks()];
  let hasSeenPage = false;
  let firstAtMs: number | null = null;
  return {
    verdict: () => (isKnown() ? 'trusted' : (hasSeenPage ? pages : data).verdict()),
    observe(isMatch, isPage, nowMs) {
      firstAtMs ??= nowMs;
      hasSeenPage ||= isPage;
      if (isPage) return pages.observe(isMatch);
      const isAlone = !hasSeenPage && nowMs - firstAtMs >= dataAloneMs;
      data.observe(isMatch);
      if (!isAlone) data.takeClean();
    },
    takeClean: () => (hasSeenPage ? pages : data).takeClean(),
  };
}

type Looks = {
  observe(isMatch: boolean): void;
  verdict: SignatureTrust['verdict'];
  takeClean(): boolean;
};

function createLooks(): Looks {
  let isSure = false;
  let wasClean = false;
  const seen = { answers: 0, clean: 0 };
  let look = { answers: 0, clean: 0 };
  const count = (counts: typeof seen, isMatch: boolean) => {
    counts.answers += 1;
    if (!isMatch) counts.clean += 1;
  };
  return {
    verdict() {
      if (isSure) return 'trusted';
      if (seen.answers < lookAnswers) return seen.clean > 0 ? 'trusted' : 'unknown';
      return seen.clean >= cleanShareMin * seen.answers ? 'trusted' : 'useless';
    },
    observe(isMatch) {
      if (!isSure) count(seen, isMatch);
      count(look, isMatch);
      if (look.answers < lookAnswers) return;
      const isClean = look.clean >= cleanShareSure * look.answers;
      isSure ||= isClean;
      wasClean ||= isClean;
      look = { answers: 0, clean: 0 };
    },
    takeClean() {
      const clean = wasClean;
      wasClean = false;
      return clean;
    },
  };
}
