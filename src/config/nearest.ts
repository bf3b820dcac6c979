// "Did you mean": the known word that a mistyped one most likely stands for. For keys, variables, commands, options.

/** null when nothing is near enough to be worth a guess. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const typed = word.toLowerCase().slice(0, 64);
  const distanceMax = Math.max(1, Math.floor(typed.length / 3));
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    const distance = editDistance(typed, other);
    const oneStartsOther =
      typed.length >= 3 && other.length >= 3 && (other.startsWith(typed) || typed.startsWith(other));
    if (distance < bestDistance && (distance <= distanceMax || oneStartsOther)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

export function didYouMean(word: string, known: Iterable<string>): string {
  const guess = nearest(word, known);
  return guess === null ? '' : `: did you mean "${guess}"?`;
}

/** Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
