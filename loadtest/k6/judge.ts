// Judges what k6 measured: its own thresholds, and the promises that need every sample: no place twice, the pace in any 10 s.
// Pure; reading files and running k6 is left to smoke-run.ts.

export interface Sample {
  readonly metric: string;
  readonly atMs: number;
  readonly value: number;
}

export interface Judgement {
  readonly promise: string;
  readonly isKept: boolean;
  readonly seen: string;
}

const windowMs = 10_000;

/** The samples of k6's JSON output, one object a line; lines that hold none are left out. */
export function readSamples(text: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (!line.includes('"type":"Point"')) continue;
    const point = fieldsOf(JSON.parse(line));
    const data = fieldsOf(point.get('data'));
    const metric = point.get('metric');
    const value = data.get('value');
    const atMs = Date.parse(String(data.get('time')));
    if (typeof metric === 'string' && typeof value === 'number') samples.push({ metric, atMs, value });
  }
  return samples;
}

/** Every number was given once. */
export function judgePlaces(samples: readonly Sample[]): Judgement {
  const numbers = samples.filter(({ metric }) => metric === 'arrival_number').map(({ value }) => value);
  const twice = numbers.length - new Set(numbers).size;
  const seen = `${numbers.length} places, ${twice} of them given twice`;
  return { promise: 'no place twice', isKept: twice === 0 && numbers.length > 0, seen };
}

/** In no 10 s more than the pace allows, within 1 % and 1 device. */
export function judgePace(samples: readonly Sample[], pacePerMinute: number): Judgement {
  const admittedAtMs = samples.filter(({ metric }) => metric === 'admission').map(({ atMs }) => atMs);
  admittedAtMs.sort((left, right) => left - right);
  let most = 0;
  let first = 0;
  for (const [last, atMs] of admittedAtMs.entries()) {
    while ((admittedAtMs[first] ?? atMs) <= atMs - windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  const allowed = ((pacePerMinute * windowMs) / 60_000) * 1.01 + 1;
  const seen = `${admittedAtMs.length} admitted, at most ${most} in 10 s where ${allowed.toFixed(1)} are allowed`;
  return { promise: 'admitted within the pace', isKept: most <= allowed && most > 0, seen };
}

/** Each threshold of k6's own summary, and each check that did not always hold. */
export function judgeSummary(summary: unknown): readonly Judgement[] {
  const judgements: Judgement[] = [];
  for (const [metric, value] of fieldsOf(fieldsOf(summary).get('metrics'))) {
    const values = fieldsOf(fieldsOf(value).get('values'));
    const isMeasured = hasSamples(fieldsOf(value).get('type'), values);
    for (const [threshold, verdict] of fieldsOf(fieldsOf(value).get('thresholds'))) {
      const isKept = isMeasured && fieldsOf(verdict).get('ok') === true;
      const seen = isMeasured ? wordsOf(values) : 'nothing was measured';
      judgements.push({ promise: `${metric} ${threshold}`, isKept, seen });
    }
  }
  for (const check of checksOf(fieldsOf(summary).get('root_group'))) {
    const fields = fieldsOf(check);
    const fails = fields.get('fails');
    if (fails === 0) continue;
    judgements.push({ promise: String(fields.get('name')), isKept: false, seen: `failed ${fails} times` });
  }
  return judgements;
}

/** k6 lets a threshold over no samples pass. A counter without samples is a true zero. */
function hasSamples(type: unknown, values: ReadonlyMap<string, unknown>): boolean {
  if (type === 'rate') return values.get('passes') !== 0 || values.get('fails') !== 0;
  return type !== 'trend' || values.get('count') !== 0;
}

function checksOf(group: unknown): readonly unknown[] {
  const checks = fieldsOf(group).get('checks');
  return Array.isArray(checks) ? checks : [];
}

function wordsOf(values: ReadonlyMap<string, unknown>): string {
  const words: string[] = [];
  for (const name of ['rate', 'count', 'med', 'p(95)', 'p(99)', 'max']) {
    const value = values.get(name);
    if (typeof value === 'number') words.push(`${name} ${Number(value.toFixed(2))}`);
  }
  return words.join(', ');
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
