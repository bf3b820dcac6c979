// Which room a host and path belong to, and that no spelling of a protected path slips out of its room.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostNameOf } from '../../../src/gateway/host-name.ts';
import { buildRoomTable, matchRoom, type RoomMatch } from '../../../src/gateway/match-room.ts';
import { parseTarget } from '../../../src/gateway/request-target.ts';

const room = (
  id: string,
  hosts: readonly string[],
  paths: readonly string[],
  bypass: readonly string[] = [],
): RoomMatch => ({
  id,
  match: { hosts, paths, bypass },
});

/** As the gateway does it: normalise, then match. */
function found(rooms: readonly RoomMatch[], host: string, target: string): string {
  const parsed = parseTarget(target);
  if (parsed.kind === 'refused') return 'refused';
  const result = matchRoom(buildRoomTable(rooms), host, parsed.path);
  return result.kind === 'none' ? 'none' : `${result.kind} ${result.id}`;
}

describe('hosts', () => {
  const rooms = [
    room('any', ['*'], ['/']),
    room('below', ['*.example.com'], ['/']),
    room('deep', ['*.shop.example.com'], ['/']),
    room('exact', ['shop.example.com', 'Tickets.Example.com', '[::1]', '順番.jp'], ['/buy']),
  ];
  test.each([
    ['shop.example.com', '/buy', 'room exact'],
    ['SHOP.Example.com:8080', '/buy/x', 'room exact'],
    ['shop.example.com.', '/buy', 'room exact'],
    ['tickets.example.com', '/buy', 'room exact'],
    ['[::1]:8080', '/buy', 'room exact'],
    ['xn--k9j4be70g.jp', '/', 'room any'],
    ['shop.example.com', '/other', 'room below'],
    ['[::1]', '/other', 'room any'],
    ['a.shop.example.com', '/buy', 'room deep'],
    ['a.b.example.com', '/', 'room below'],
    ['example.com', '/', 'room any'],
    ['evilexample.com', '/', 'room any'],
    ['shop.example.com.evil', '/buy', 'room any'],
  ])('[WR11] %s%s is %s', (host, target, expected) => {
    expect(found(rooms, host, target)).toBe(expected);
  });

  test('[WR11] finds a host of another script by the name browsers send', () => {
    expect(found(rooms, new URL('http://順番.jp').host, '/buy')).toBe('room exact');
  });

  test('[WR11] knows no room where no host and path covers the request', () => {
    expect(found([room('a', ['a.example'], ['/x'])], 'b.example', '/x')).toBe('none');
    expect(found([room('a', ['a.example'], ['/x'])], 'a.example', '/y')).toBe('none');
    expect(matchRoom(buildRoomTable(rooms), 'a', '*')).toEqual({ kind: 'none' });
  });

  test.each([
    ['shop:80', 'shop'],
    ['[::1]:80', '[::1]'],
    ['[::1]', '[::1]'],
    ['A.b.', 'a.b'],
    ['a.:80', 'a'],
  ])('[WR11] takes from the Host %s the name %s', (host, name) => {
    expect(hostNameOf(host)).toBe(name);
  });
});

describe('paths', () => {
  const rooms = [room('root', ['*'], ['/']), room('a', ['*'], ['/a', '/été/']), room('ab', ['*'], ['/a/b'])];
  test.each([
    ['/', 'room root'],
    ['/a', 'room a'],
    ['/a/', 'room a'],
    ['/a/x', 'room a'],
    ['/ab', 'room root'],
    ['/a/b', 'room ab'],
    ['/a/b/c/d', 'room ab'],
    ['/a/bc', 'room a'],
    ['/x/../a', 'room a'],
    ['/%61', 'room a'],
    ['/A', 'room a'],
    ['/a;x=1/b', 'room ab'],
    ['/a.', 'room a'],
    ['/%C3%A9t%C3%A9', 'room a'],
    ['/%C3%89T%c3%89/x', 'room a'],
  ])('[WR12] %s is %s', (target, expected) => {
    expect(found(rooms, 'x', target)).toBe(expected);
  });

  test('[WR12] reports a path that two rooms claim and leaves it to the first', () => {
    const table = buildRoomTable([room('one', ['*'], ['/Sale']), room('two', ['*'], ['/sale/'])]);
    expect(table.conflicts).toHaveLength(1);
    expect(matchRoom(table, 'x', '/sale')).toEqual({ kind: 'room', id: 'one' });
  });

  test.each(['a', '', '/a%2fb', '/a?x', 'http://x/a', '/a\\b', '*'])(
    '[WR12] refuses to build a table with the path %j',
    path => {
      expect(() => buildRoomTable([room('a', ['*'], [path])])).toThrow(JSON.stringify(path));
      expect(() => buildRoomTable([room('a', ['*'], ['/'], [path])])).toThrow(JSON.stringify(path));
    },
  );

  test.each(['', '*.', 'a*.b', 'a b', '**'])('[WR11] refuses to build a table with the host %j', host => {
    expect(() => buildRoomTable([room('a', [host], ['/'])])).toThrow(JSON.stringify(host));
  });
});

describe('bypass', () => {
  const rooms = [
    room('root', ['*'], ['/', '/assets/checkout'], ['/assets/', '/health']),
    room('vip', ['*'], ['/assets/vip']),
    room('all', ['free.example'], ['/'], ['/']),
  ];
  test.each([
    ['/assets/x.css', 'bypass root'],
    ['/assets/', 'bypass root'],
    ['/assets', 'room root'],
    ['/assetsx', 'room root'],
    ['/health', 'bypass root'],
    ['/health/x', 'bypass root'],
    ['/healthx', 'room root'],
    ['/Assets/x.css', 'room root'],
    ['/%61ssets/x.css', 'bypass root'],
    ['/assets/../admin', 'room root'],
    ['/assets/%2e%2e/admin', 'room root'],
    ['/assets/..%2fadmin', 'refused'],
    ['/assets/..;/admin', 'refused'],
    ['/assets;v=1/x', 'room root'],
    ['/assets/x;v=1', 'bypass root'],
    ['/assets/checkout', 'room root'],
    ['/assets/checkout/x', 'room root'],
    ['/assets/CheckOut', 'room root'],
    ['/assets/vip/x', 'room vip'],
    ['/assets/VIP/x', 'room vip'],
  ])('[WR14] %s is %s', (target, expected) => {
    expect(found(rooms, 'x', target)).toBe(expected);
  });

  test('[WR14] bypasses everything below the prefix /', () => {
    expect(found(rooms, 'free.example', '/x')).toBe('bypass all');
  });
});

describe('properties', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abAB01-_~@+é順'), minLength: 1, maxLength: 5 });
  const percent = (text: string) =>
    [...new TextEncoder().encode(text)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('');
  /** Any spelling of one character that a shop decodes to the same character. */
  const spell = (character: string) =>
    fc.constantFrom(
      /[!-~]/.test(character) ? character : percent(character),
      percent(character),
      percent(character).toUpperCase(),
    );
  const detour = fc.constantFrom('/', '//', '/./', '/%2e/', '/x/../', '/x/%2E./', '/x/y/../.%2e/');
  const spelling = (segments: readonly string[]) =>
    fc
      .tuple(...segments.map(segment => fc.tuple(detour, ...[...segment].map(spell)).map(parts => parts.join(''))))
      .map(parts => parts.join(''));

  test('[WR12] no spelling of a protected path leaves its room', () => {
    const story = fc
      .array(name, { minLength: 1, maxLength: 3 })
      .chain(prefix => fc.tuple(fc.constant(prefix), fc.array(name, { maxLength: 2 })))
      .chain(([prefix, rest]) => fc.tuple(fc.constant(prefix), spelling([...prefix, ...rest])));
    fc.assert(
      fc.property(story, ([prefix, target]) => {
        expect(found([room('a', ['*'], [`/${prefix.join('/')}`])], 'x', target)).toBe('room a');
      }),
      { numRuns: 2000 },
    );
  });

  test('[WR14] what bypasses lies under the bypass for a shop that decodes once, with or without parameters', () => {
    const piece = fc.constantFrom(
      ...[
        'assets',
        'Assets',
        '%61ssets',
        'admin',
        '/',
        '//',
        '.',
        '..',
        '%2e',
        '%2f',
        '%5c',
        ';',
        '%3b',
        '%20',
        '%25',
        'x',
      ],
    );
    const target = fc.array(piece, { maxLength: 10 }).map(pieces => `/assets/${pieces.join('')}`);
    fc.assert(
      fc.property(target, raw => {
        const parsed = parseTarget(raw);
        if (parsed.kind === 'refused') return;
        const result = matchRoom(buildRoomTable([room('a', ['*'], ['/'], ['/assets/'])]), 'x', parsed.path);
        expect(result.kind).not.toBe('none');
        if (result.kind !== 'bypass') return;
        const readings = [parsed.path, parsed.path.replace(/;[^/]*/g, '')].map(path =>
          decodeURIComponent(new URL(path, 'http://x').pathname),
        );
        readings.push((readings[0] ?? '').replace(/;[^/]*/g, ''));
        for (const reading of readings) expect(reading.startsWith('/assets/')).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
