// The demo command as a newcomer meets it: it comes up soon, ends at once, goes on where it was, and says in one line
// what is wrong.

import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bytesOfHex } from '../../../src/draw/hex.ts';
import { placeOf } from '../../../src/draw/permute.ts';
import { runJunban } from '../../support/gateway-process.ts';
import { DemoProcess, isAlive } from './demo-process.ts';

let folder: string;
const demos: DemoProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'junban-demo-'));
});
afterEach(() => {
  for (const demo of demos.splice(0)) demo.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function startDemo(...more: readonly string[]): Promise<DemoProcess> {
  const demo = await DemoProcess.start(folder, more);
  demos.push(demo);
  return demo;
}

async function joinDemo(demo: DemoProcess): Promise<{ readonly ticket: string; readonly number: number }> {
  const answer = await request(`${demo.url}/_junban/v1/tickets`, { method: 'POST' });
  const { ticket, status } = (await answer.body.json()) as { ticket: string; status: { number: number } };
  return { ticket, number: status.number };
}

async function current(
  demo: DemoProcess,
  ticket: string,
): Promise<{ readonly code: number; readonly number: unknown }> {
  const address = `${demo.url}/_junban/v1/tickets/current`;
  const answer = await request(address, { headers: { authorization: `Bearer ${ticket}` } });
  const body = (await answer.body.json()) as { number?: number };
  return { code: answer.statusCode, number: body.number };
}

const oneLine = /^junban: [^\n]+\n$/;

test('[OP50] the demo is up within 10 s and says where to be a fan and where an operator', async () => {
  const startedAtMs = Date.now();
  const demo = await startDemo();
  const greeting = await demo.greeting();
  expect(Date.now() - startedAtMs).toBeLessThan(10_000);
  expect(greeting).toContain(`${demo.url}/`);
  expect(greeting).toContain(`http://127.0.0.1:${demo.opsPort}/`);
  const page = await request(`${demo.url}/`, { headers: { accept: 'text/html' } });
  expect(page.statusCode).toBe(200);
  await page.body.dump();
});

test('[OP51] Ctrl-C ends the demo, its shop and its fans within a second, with exit code 0', async () => {
  const demo = await startDemo();
  await demo.greeting();
  const children = demo.childIds();
  expect(children.length).toBeGreaterThanOrEqual(2);
  const atMs = Date.now();
  const { code, stderr } = await demo.interrupt();
  expect(Date.now() - atMs).toBeLessThan(1_500);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await expect.poll(() => children.filter(isAlive)).toEqual([]);
});

test('[OP52] started again the demo goes on with the same line, and --fresh forgets it', async () => {
  const first = await startDemo();
  await first.greeting();
  const { ticket, number } = await joinDemo(first);
  await first.interrupt();
  const second = await startDemo();
  await second.greeting();
  expect(await current(second, ticket)).toEqual({ code: 200, number });
  expect((await joinDemo(second)).number).toBeGreaterThan(number);
  await second.interrupt();
  const fresh = await startDemo('--fresh');
  await fresh.greeting();
  expect((await current(fresh, ticket)).code).toBe(401);
});

test('[OP53] a busy port and a folder in use are one line, an exit code and nothing left behind', async () => {
  const demo = await startDemo();
  await demo.greeting();
  const other = mkdtempSync(join(tmpdir(), 'junban-demo-'));
  try {
    const busy = await DemoProcess.startAt(demo.port, 0, other).ended();
    expect(busy).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(oneLine) });
    expect(busy.stderr).toContain(String(demo.port));
    const busyOps = await DemoProcess.startAt(0, demo.opsPort, other).ended();
    expect(busyOps).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(oneLine) });
    const same = await DemoProcess.startAt(0, 0, folder).ended();
    expect(same).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(oneLine) });
    expect(same.stderr).toContain('in use');
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('[OP54] --fresh does not take the line from under a demo that runs', async () => {
  const demo = await startDemo();
  await demo.greeting();
  const { ino } = statSync(join(folder, 'junban.sqlite'));
  const forgetful = DemoProcess.startAt(0, 0, folder, ['--fresh']);
  demos.push(forgetful);
  const second = await forgetful.ended();
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(oneLine) });
  expect(statSync(join(folder, 'junban.sqlite')).ino).toBe(ino);
});

test("[OP54] --fresh removes nothing from a folder that is no demo's", async () => {
  const album = mkdtempSync(join(tmpdir(), 'junban-album-'));
  try {
    writeFileSync(join(album, 'photos.txt'), 'summer');
    const said = await DemoProcess.startAt(0, 0, album, ['--fresh']).ended();
    expect(said).toMatchObject({ code: 1, stderr: expect.stringMatching(oneLine) });
    expect(said.stderr).toContain('photos.txt');
    expect(readdirSync(album)).toEqual(['photos.txt']);
  } finally {
    rmSync(album, { recursive: true, force: true });
  }
});

test.each([
  [['--prot', '18201'], '"--port"'],
  [['--port', 'abc'], 'whole number'],
  [['--fans', '-1'], '--fans'],
])('[OP55] a wrong option is one line and exit code 2: %j', async (args, said) => {
  const { code, stdout, stderr } = await runJunban(['demo', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(oneLine);
  expect(stderr).toContain(said);
});

test('[OP56] the demo plays the story: a lobby with a countdown, the draw, then the line in the drawn order', async () => {
  const demo = await startDemo();
  await demo.greeting();
  const factsOf = async () => {
    const answer = await request(`${demo.url}/_junban/v1/rooms/demo`);
    return JSON.parse(await answer.body.text());
  };
  const before = await factsOf();
  expect(before).toMatchObject({ phase: 'lobby', draw: { drawn: null, proof: null } });
  const leadMs = Date.parse(before.startsAt) - Date.parse(before.serverTime);
  expect(leadMs).toBeGreaterThan(15_000);
  expect(leadMs).toBeLessThan(30_000);
  const { ticket, number } = await joinDemo(demo);
  await expect.poll(async () => (await factsOf()).draw.proof, { timeout: 40_000, interval: 500 }).not.toBeNull();
  const after = await factsOf();
  expect(after).toMatchObject({
    phase: 'open',
    startsAt: before.startsAt,
    draw: { commitment: before.draw.commitment },
  });
  expect(after.draw.drawn).toBeGreaterThan(number);
  const answer = await request(`${demo.url}/_junban/v1/tickets/current`, {
    headers: { authorization: `Bearer ${ticket}` },
  });
  const { place } = (await answer.body.json()) as { place: number };
  expect(place).toBe(placeOf(number, after.draw.drawn, bytesOfHex(after.draw.proof.seed)));
});
