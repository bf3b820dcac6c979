// What a process tells its operators while a trouble lasts.

import { expect, test } from 'vitest';
import { type Log, tellTo } from '../../src/process-log.ts';

function recorded() {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const add = (level: string) => (facts: object, message: string) => void lines.push({ level, message, ...facts });
  const log: Log = { level: 'info', info: add('info'), warn: add('warn'), error: add('error') };
  let nowMs = 0;
  const tell = tellTo(log, () => nowMs);
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { lines, tell, advance };
}

test('[OP17] two relays that are dead for ten seconds are two lines, and what was left out is counted later', () => {
  const { lines, tell, advance } = recorded();
  for (let round = 0; round < 30; round += 1) {
    for (const url of ['https://one.example', 'https://two.example']) tell.onRelay('sale', url, 'ECONNREFUSED');
    advance(333);
  }
  expect(lines.map(({ level, url }) => [level, url])).toEqual([
    ['warn', 'https://one.example'],
    ['warn', 'https://two.example'],
  ]);
  advance(60_000);
  tell.onRelay('sale', 'https://one.example', 'ECONNREFUSED');
  expect(lines.at(-1)).toMatchObject({ room: 'sale', leftOut: 29 });
});

test('[OP17] a failure that repeats is one line a period, and hides no other failure', () => {
  const { lines, tell, advance } = recorded();
  for (let request = 0; request < 1_000; request += 1) tell.onFailure(new Error('the same'));
  tell.onFailure(new Error('another'));
  expect(lines.map(({ err }) => String(err))).toEqual(['Error: the same', 'Error: another']);
  advance(60_000);
  tell.onFailure(new Error('the same'));
  expect(lines.at(-1)).toMatchObject({ level: 'error', leftOut: 999 });
});
