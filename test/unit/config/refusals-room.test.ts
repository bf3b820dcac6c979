// Every refusal within one room, each with its path and what it says.
import { describe, expect, test } from 'vitest';
import { problemsOfRoom } from './support.ts';

type Case = readonly [what: string, given: Record<string, unknown>, problem: RegExp];

const startsAt = '2027-05-09T10:00:00+09:00';
const chain = 'g'.repeat(64);

describe('a room', () => {
  const cases: readonly Case[] = [
    ['[CF1] no id', { id: undefined }, /^rooms\[0\].id: is required: a text$/],
    ['[CF1] no shop', { shop: undefined }, /^rooms\[0\].shop: is required: a text$/],
    ['[CF10] an id in capitals', { id: 'Sale' }, /^rooms\[0\].id: "Sale" is not a room id/],
    ['[CF10] an id with a dash first', { id: '-a' }, /^rooms\[0\].id: /],
    ['[CF10] an id of 64 characters', { id: 'a'.repeat(64) }, /^rooms\[0\].id: /],
    [
      '[CF5] a key in other words',
      { claimWindowMs: 5 },
      /^rooms\[0\].claimWindowMs: is not a known key: did you mean "claimWindow"\?$/,
    ],
    [
      '[CF5] a pace with a fraction',
      { pacePerMinute: 1.5 },
      /^rooms\[0\].pacePerMinute: must be a whole number, not 1.5$/,
    ],
    ['[CF5] a pace as a text', { pacePerMinute: '600' }, /^rooms\[0\].pacePerMinute: must be a number, not "600"$/],
    ['[CF5] a pace of nothing', { pacePerMinute: 0 }, /^rooms\[0\].pacePerMinute: must be at least 1, not 0$/],
    [
      '[CF5] a pace beyond reason',
      { pacePerMinute: 1e9 },
      /^rooms\[0\].pacePerMinute: must be at most 10000000, not 1000000000$/,
    ],
    ['[CF5] a cap of nothing', { activeCap: 0 }, /^rooms\[0\].activeCap: must be at least 1, not 0$/],
    ['[CF5] a way to claim', { claim: 'yes' }, /^rooms\[0\].claim: must be one of confirm, auto, not "yes"$/],
    [
      '[CF5] a status of the page',
      { waitingStatus: 404 },
      /^rooms\[0\].waitingStatus: must be one of 200, 202, 429, 503, not 404$/,
    ],
    [
      '[CF5] a mode that YAML 1.1 would make of "off"',
      { autopilot: { mode: false } },
      /^rooms\[0\].autopilot.mode: must be one of off, shadow, on, not false$/,
    ],
    [
      '[CF9] a shop with a path',
      { shop: 'http://a/b' },
      /^rooms\[0\].shop: the shop's address must end after host and port/,
    ],
    [
      '[CF9] a shop with a query',
      { shop: 'http://a?b' },
      /^rooms\[0\].shop: the shop's address must end after host and port/,
    ],
    [
      '[CF9] a shop with a dotted path',
      { shop: 'http://a/b/..' },
      /^rooms\[0\].shop: the shop's address must end after host and port/,
    ],
    [
      '[CF9] a shop with a user',
      { shop: 'http://u:p@a' },
      /^rooms\[0\].shop: the shop's address must not carry a user name/,
    ],
    [
      '[CF9] a shop with an empty user',
      { shop: 'http://@a' },
      /^rooms\[0\].shop: the shop's address must not carry a user name/,
    ],
    [
      '[CF9] a shop without scheme',
      { shop: '127.0.0.1:3000' },
      /^rooms\[0\].shop: .* must start with http:\/\/ or https:\/\//,
    ],
    ['[CF9] a shop with another scheme', { shop: 'ftp://a' }, /^rooms\[0\].shop: .* must start with http/],
    ['[CF9] a shop without host', { shop: 'http://' }, /^rooms\[0\].shop: this is not an address/],
    ['[CF9] a shop on port 0', { shop: 'http://a:0' }, /^rooms\[0\].shop: port 0/],
    [
      '[CF10] a shop that is Junban',
      { shop: 'http://localhost:8080' },
      /^rooms\[0\].shop: is Junban's own address \("listen"\)$/,
    ],
    [
      '[CF10] a shop that is the ops listener',
      { shop: 'http://127.0.0.1:9090' },
      /^rooms\[0\].shop: is Junban's own address \("ops.listen"\)$/,
    ],
    [
      '[CF9] an origin with a path',
      { allowedOrigins: ['https://a/'] },
      /^rooms\[0\].allowedOrigins\[0\]: .* is not an origin/,
    ],
    [
      '[CF9] an origin with a wildcard',
      { allowedOrigins: ['*'] },
      /^rooms\[0\].allowedOrigins\[0\]: wildcards are refused/,
    ],
    [
      '[CF9] an origin that is null',
      { allowedOrigins: ['null'] },
      /^rooms\[0\].allowedOrigins\[0\]: .* is not an origin/,
    ],
    [
      '[CF9] a host with a port',
      { match: { hosts: ['a:80'] } },
      /^rooms\[0\].match.hosts\[0\]: "a:80" must not have a port/,
    ],
    [
      '[CF9] a host with a wildcard',
      { match: { hosts: ['a.*.b'] } },
      /^rooms\[0\].match.hosts\[0\]: .* a "\*" stands alone or first/,
    ],
    [
      '[CF9] a host with a scheme',
      { match: { hosts: ['http://a'] } },
      /^rooms\[0\].match.hosts\[0\]: .* must be a host name only/,
    ],
    ['[CF9] a host that is none', { match: { hosts: ['a b'] } }, /^rooms\[0\].match.hosts\[0\]: .* is not a host name/],
    ['[CF9] no hosts', { match: { hosts: [] } }, /^rooms\[0\].match.hosts: must have at least 1 entry$/],
    [
      '[CF9] a path without slash',
      { match: { paths: ['a'] } },
      /^rooms\[0\].match.paths\[0\]: "a" must start with "\/"$/,
    ],
    [
      '[CF9] a path with a query',
      { match: { paths: ['/a?b'] } },
      /^rooms\[0\].match.paths\[0\]: .* without "\?" or "#"$/,
    ],
    ['[CF9] a path with dots', { match: { paths: ['/a/../b'] } }, /^rooms\[0\].match.paths\[0\]: .* must not contain/],
    [
      '[CF9] a path with hidden dots',
      { match: { bypass: ['/%2e%2E'] } },
      /^rooms\[0\].match.bypass\[0\]: .* has an escape/,
    ],
    [
      '[CF9] a path with a hidden slash',
      { match: { bypass: ['/a%2fb'] } },
      /^rooms\[0\].match.bypass\[0\]: .* has an escape/,
    ],
    ['[CF9] a path with parameters', { match: { bypass: ['/a;b'] } }, /^rooms\[0\].match.bypass\[0\]: .* without ";"/],
    [
      '[CF9] a host in broken Punycode',
      { match: { hosts: ['xn--a'] } },
      /^rooms\[0\].match.hosts\[0\]: .* is not a host name/,
    ],
    [
      '[CF9] a path with a cut escape',
      { match: { bypass: ['/%E9%A0'] } },
      /^rooms\[0\].match.bypass\[0\]: .* has an escape/,
    ],
    [
      '[CF9] a path with a blank',
      { match: { bypass: ['/a b'] } },
      /^rooms\[0\].match.bypass\[0\]: .* must be percent-encoded$/,
    ],
    [
      '[CF10] a path under our prefix',
      { match: { paths: ['/_junban/x'] } },
      /^rooms\[0\].match.paths\[0\]: lies under Junban's own prefix/,
    ],
    [
      '[CF10] our prefix passed by',
      { match: { bypass: ['/_junban/'] } },
      /^rooms\[0\].match.bypass\[0\]: lies under Junban's own prefix/,
    ],
    ['[CF8] a lobby without start', { opensAt: startsAt }, /^rooms\[0\].opensAt: needs a startsAt/],
    [
      '[CF8] a lobby after the start',
      { opensAt: '2027-05-09T10:00:01+09:00', startsAt },
      /^rooms\[0\].opensAt: is after startsAt$/,
    ],
    ['[CF8] an end at the start', { startsAt, endsAt: startsAt }, /^rooms\[0\].endsAt: is not after startsAt$/],
    [
      '[CF8] idle longer than all',
      { pass: { idle: '1h' } },
      /^rooms\[0\].pass.idle: \(1h\) is longer than pass.max \(45m\)$/,
    ],
    [
      '[CF8] bounds of the autopilot',
      { autopilot: { minPerMinute: 9, maxPerMinute: 8 } },
      /^rooms\[0\].autopilot.minPerMinute: \(9\) is above autopilot.maxPerMinute \(8\)$/,
    ],
    [
      '[CF8] a signature of everything',
      { autopilot: { errorSignatures: [{}] } },
      /^rooms\[0\].autopilot.errorSignatures\[0\]: would match every answer/,
    ],
    [
      '[CF5] a signature of no header',
      { autopilot: { errorSignatures: [{ header: 'a b' }] } },
      /^rooms\[0\].autopilot.errorSignatures\[0\].header: this is not a header/,
    ],
    [
      '[CF5] a status out of range',
      { autopilot: { errorSignatures: [{ status: 99 }] } },
      /^rooms\[0\].autopilot.errorSignatures\[0\].status: must be at least 100/,
    ],
    [
      '[CF5] unknown randomness',
      { draw: { randomness: { kind: 'dice' } } },
      /^rooms\[0\].draw.randomness.kind: must be one of none, figure, drand$/,
    ],
    [
      '[CF8] randomness without start',
      { draw: { randomness: { kind: 'figure', named: 'x' } } },
      /^rooms\[0\].draw.randomness: needs a startsAt/,
    ],
    [
      '[CF5] a figure without name',
      { startsAt, draw: { randomness: { kind: 'figure' } } },
      /^rooms\[0\].draw.randomness.named: is required/,
    ],
    [
      '[CF5] a round, which follows from the start',
      { startsAt, draw: { randomness: { kind: 'drand', round: 1 } } },
      /^rooms\[0\].draw.randomness.round: /,
    ],
    ['[CF8] a wait for nothing', { startsAt, draw: { wait: '10s' } }, /^rooms\[0\].draw.wait: is set, but/],
    [
      '[CF5] a chain that is no hash',
      { startsAt, draw: { randomness: { kind: 'drand', chain } } },
      /^rooms\[0\].draw.randomness.chain: .* is not a known drand chain: quicknet/,
    ],
    [
      '[CF9] a relay without scheme',
      { startsAt, draw: { randomness: { kind: 'drand', urls: ['a'] } } },
      /^rooms\[0\].draw.randomness.urls\[0\]: .* must be an http/,
    ],
  ];
  test.each(cases)('%s', (_, given, problem) => {
    expect(problemsOfRoom(given)).toEqual([expect.stringMatching(problem)]);
  });
});
