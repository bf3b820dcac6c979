// The shared vectors of swap-or-not as rows.

import { readFileSync } from 'node:fs';
import { bytesOfHex } from '../../../src/draw/hex.ts';

export function vectorRows() {
  const csv = readFileSync(new URL('../../vectors/swap-or-not.csv', import.meta.url), 'utf8');
  return csv
    .trimEnd()
    .split('\n')
    .map(line => {
      const [seed = '', count = '', input = '', output = ''] = line.trim().split(',');
      const list = (values: string) => (values === '' ? [] : values.split(':').map(Number));
      return { seed: bytesOfHex(seed), drawn: Number(count), input: list(input), output: list(output) };
    });
}
