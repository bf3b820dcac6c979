// Fetching a round from relays over real HTTP: whatever they do, only the genuine round that was asked for is taken.

import { afterEach, expect, test } from 'vitest';
import { isGenuineRound } from '../../../src/drand/check-round.ts';
import { roundFetcher } from '../../../src/drand/fetch-round.ts';
import { drandDefault, drandQuicknet } from '../../../src/draw/drand-chain.ts';
import { DrandRelay, type RelayMood } from '../../support/drand-relay.ts';
import drandRounds from '../../vectors/drand-rounds.json' with { type: 'json' };

const relays: DrandRelay[] = [];
afterEach(async () => {
  await Promise.all(relays.splice(0).map(relay => relay.close()));
});

async function fetcherFrom(moods: readonly RelayMood[], timeoutMs = 400) {
  for (const mood of moods) relays.push(await DrandRelay.start(mood));
  const refusals: string[] = [];
  const fetchRound = roundFetcher({
    urls: relays.map(({ url }) => url),
    timeoutMs,
    isGenuine: isGenuineRound,
    onRefused: (url, reason) => refusals.push(`${relays.findIndex(relay => relay.url === url)}: ${reason}`),
  });
  return { fetchRound, refusals };
}

const quicknet1000 = drandRounds.find(({ chain, round }) => chain === 'quicknet' && round === 1_000);
const genuine = { round: 1_000, signature: quicknet1000?.signature };

test.each([
  ['late', /answer was 404/],
  ['wrong-signature', /not that of the chain's key/],
  ['other-round', /answer is round 657413/],
  ['other-signature', /not that of the chain's key/],
  ['no-json', /not JSON/],
  ['endless', /longer than 4096 bytes/],
  ['stalls-midway', /no answer within 400 ms/],
  ['stalls', /no answer within 400 ms/],
  ['closes', /fetch failed/],
  ['fails', /answer was 500/],
  ['redirects', /fetch failed/],
] as const)('[DR23] after a relay that is %s the next one is asked', async (mood, reason) => {
  const { fetchRound, refusals } = await fetcherFrom([mood, 'right']);
  expect(await fetchRound(drandQuicknet, 1_000)).toEqual(genuine);
  expect(refusals).toEqual([expect.stringMatching(new RegExp(`^0: .*${reason.source}`))]);
  expect(relays.map(({ asked }) => asked)).toEqual([
    [`/${drandQuicknet.hash}/public/1000`],
    [`/${drandQuicknet.hash}/public/1000`],
  ]);
});

test('[DR23] a chained round comes with its previous signature', async () => {
  const { fetchRound } = await fetcherFrom(['right']);
  const vector = drandRounds.find(({ round }) => round === 3_311_596);
  expect(await fetchRound(drandDefault, 3_311_596)).toEqual({
    round: 3_311_596,
    signature: vector?.signature,
    previousSignature: vector?.previousSignature,
  });
});

test('[DR23] relays that are all away give none, and nobody is asked twice', async () => {
  const { fetchRound, refusals } = await fetcherFrom(['late', 'right', 'fails']);
  await relays[1]?.close();
  relays.splice(1, 1);
  expect(await fetchRound(drandQuicknet, 1_000)).toBeNull();
  expect(refusals).toHaveLength(3);
});

test('[DR23] the event loop turns while a round is verified', async () => {
  let turns = 0;
  const count = () => {
    turns += 1;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  const { round, signature = '' } = genuine;
  expect(await isGenuineRound(drandQuicknet, { round, signature })).toBe(true);
  clearImmediate(immediate);
  // Verified on this thread there would be none in between.
  expect(turns).toBeGreaterThan(20);
});
