// What the command line says of saved facts, and that the independent checker in deploy/ says the same.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '../../../loadtest/seeded-random.ts';
import { drandQuicknet } from '../../../src/draw/drand-chain.ts';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { verifyDrawFile } from '../../../src/draw/verify-draw.ts';
import { chainedFacts, factsWith, figure, quicknetFacts } from '../../unit/draw/draw-facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'junban-draw-'));
const script = fileURLToPath(new URL('../../../deploy/verify_draw.py', import.meta.url));
afterAll(() => rmSync(folder, { recursive: true }));

function verifyWithPython(text: string, number: number): { readonly status: number | null; readonly stdout: string } {
  const file = join(folder, 'facts.json');
  writeFileSync(file, text);
  return spawnSync('python3', [script, file, String(number)], { encoding: 'utf8' });
}

test('[DR18] verify-draw answers 0, 1 or 2, names the step, and says with none what is not proved', () => {
  const honest = verifyDrawFile(JSON.stringify(quicknetFacts()), { number: 7 });
  const { seed } = quicknetFacts().draw.proof;
  expect(honest.exitCode).toBe(0);
  expect(honest.lines.join('\n')).toContain(`Number 7 drew place ${placeOf(7, 1_000, bytesOfHex(seed))}.`);
  expect(honest.lines.join('\n')).not.toContain('Not proved');
  const none = verifyDrawFile(Buffer.from(JSON.stringify(factsWith({ kind: 'none' }))));
  expect(none.exitCode).toBe(0);
  expect(none.lines.join('\n')).toContain('Not proved: That the operator did not steer the draw');
  const { draw, ...room } = factsWith(figure);
  const moved = verifyDrawFile(JSON.stringify({ ...room, draw: { ...draw, drawn: 999 } }));
  expect(moved.exitCode).toBe(1);
  expect(moved.lines[0]).toContain('NOT HONEST at step "drawn"');
});

test('[DR18] what is cut short, not JSON, not UTF-8 or too long is unreadable', () => {
  const text = JSON.stringify(quicknetFacts());
  for (let length = 0; length < text.length; length += 7)
    expect(verifyDrawFile(text.slice(0, length)).exitCode).toBe(2);
  expect(verifyDrawFile(Buffer.from([0x22, 0xff, 0x22])).exitCode).toBe(2);
  expect(verifyDrawFile(' '.repeat(1_000_001)).exitCode).toBe(2);
  expect(verifyDrawFile(text, { number: 1_000 }).exitCode).toBe(2);
});

test('[DR60] what cannot be read is one line that says what it is and what to do', () => {
  const text = JSON.stringify(quicknetFacts());
  const said = (file: string | Uint8Array) => verifyDrawFile(file).lines;
  const again = 'fetch /_junban/v1/rooms/ROOM again';
  expect(said(text.slice(0, 400))).toEqual([
    `UNREADABLE: the file is cut short, it ends after 400 characters in the midst: ${again}`,
  ]);
  expect(said('\n')).toEqual([`UNREADABLE: the file is empty: ${again}`]);
  expect(said('<html>')).toEqual([expect.stringContaining('UNREADABLE: not JSON')]);
  expect(said(Buffer.from(text, 'utf16le'))).toEqual([expect.stringContaining('UNREADABLE')]);
  // The description of a deep value ran out of stack, and the command ended with a trace.
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  expect(said(`{"room":"sale","draw":${deep}}`)).toEqual(['UNREADABLE: draw must be an object, not a list']);
});

const announced = { kind: 'drand', chain: drandQuicknet.hash } as const;
const onAltered = `
import base64, json, sys
sys.path.insert(0, sys.argv[1])
from verify_draw import check
for line in sys.stdin:
    try:
        print(int(all(holds for _, holds in check(json.loads(base64.b64decode(line).decode())))))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        print(0)
`;

/** Which of the facts the independent checker calls honest, asked in one go. */
function callsHonest(facts: readonly (string | Buffer)[]): readonly boolean[] {
  const input = facts.map(each => Buffer.from(each).toString('base64')).join('\n');
  const printed = execFileSync('python3', ['-B', '-c', onAltered, dirname(script)], { encoding: 'utf8', input });
  return printed
    .trim()
    .split('\n')
    .map(verdict => verdict === '1');
}

const drawsOfAllKinds = [
  quicknetFacts(),
  chainedFacts(),
  factsWith(figure),
  factsWith({ kind: 'none' }),
  factsWith({ kind: 'none', announced }),
];
test.each(drawsOfAllKinds)(
  '[DR19] [DR81] the independent checker agrees on honest and altered facts, and on a place (case %#)',
  facts => {
    const { draw, ...room } = facts;
    const { proof } = draw;
    const honest = verifyWithPython(JSON.stringify(facts), 7);
    expect(honest).toMatchObject({ status: 0 });
    expect(honest.stdout.trim().endsWith(` ${placeOf(7, proof.drawn, bytesOfHex(proof.seed))}`)).toBe(true);
    const altered = [
      { ...room, room: 'other', draw },
      { ...room, startsAt: undefined, draw },
      { ...room, draw: { ...draw, drawn: 999 } },
      { ...room, draw: { ...draw, proof: { ...proof, secret: '00'.repeat(32) } } },
      { ...room, draw: { ...draw, proof: { ...proof, seed: '00'.repeat(32) } } },
      { ...room, draw: { ...draw, proof: { ...proof, secret: proof.secret.toUpperCase() } } },
      { ...room, draw: { ...draw, proof: { ...proof, seed: ` ${proof.seed}` } } },
      { ...room, draw: { ...draw, proof: null } },
      { ...room, draw: { ...draw, announced: { kind: 'figure', named: 'another' } } },
      {},
    ].map(body => JSON.stringify(body));
    const exitCodes = altered.map(text => verifyDrawFile(text).exitCode);
    expect(exitCodes).not.toContain(0);
    expect(callsHonest(altered)).toEqual(altered.map(() => false));
    for (const index of [1, altered.length - 1]) {
      expect(verifyWithPython(altered[index] ?? '', 7).status).toBe(exitCodes[index]);
    }
  },
);

test('[DR3] the independent checker lists the same places as the vectors', () => {
  const listed = execFileSync('python3', [script, 'list', '257', '09'.repeat(32)], { encoding: 'utf8' });
  expect(listed.trim()).toBe('754ac1ec58719cbfcd60850875761176f7cd12560202b8047c11084d11426395');
});

const onVectors = `
import csv, sys
sys.path.insert(0, sys.argv[1])
from verify_draw import place, places
rows = 0
for seed, count, given, shuffled in csv.reader(open(sys.argv[2])):
    seed, count = bytes.fromhex(seed), int(count)
    given, shuffled = ([int(each) for each in text.split(":") if each] for text in (given, shuffled.strip()))
    moved = places(count, seed)
    assert [shuffled[at] for at in moved] == given, rows
    assert all(place(index, count, seed) == moved[index] for index in {0, count // 2, count - 1} if 0 <= index < count), rows
    rows += 1
print(rows)
`;

test('[DR3] the independent checker computes every list of the public vectors', () => {
  const vectors = fileURLToPath(new URL('../../vectors/swap-or-not.csv', import.meta.url));
  const printed = execFileSync('python3', ['-B', '-c', onVectors, dirname(script), vectors], { encoding: 'utf8' });
  expect(printed.trim()).toBe('240');
});

test('[DR19] on thousands of altered facts the independent checker calls honest what ours does, and nothing else', () => {
  const random = seededRandom(5);
  const below = (most: number) => Math.floor(random.between(0, most));
  const altered = drawsOfAllKinds.flatMap(facts => {
    const bytes = Buffer.from(JSON.stringify(facts));
    return Array.from({ length: 800 }, () => {
      const changed = Buffer.from(bytes);
      for (let flips = 1 + below(2); flips > 0; flips -= 1) {
        const bit = below(bytes.length * 8);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      }
      return changed;
    });
  });
  // It takes the signature of a round as given.
  const ours = altered.map(bytes => verifyDrawFile(bytes, { verifyRound: () => true }).exitCode === 0);
  const theirs = callsHonest(altered);
  const differing = altered.filter((_, index) => theirs[index] !== ours[index]).map(String);
  expect([ours.length, differing]).toEqual([4_000, []]);
  expect(ours.filter(isHonest => isHonest).length).toBeLessThan(200);
});
