// Whose request it is: forwarding headers count only as far as trusted proxies vouch for them.
import { describe, expect, test } from 'vitest';
import { canonicalIp, createAddressReader } from '../../../src/gateway/client-address.ts';

const read = (
  trusted: readonly string[],
  peer: string,
  forwardedFor = '',
  forwardedProto = '',
  listenerSecure = false,
) => createAddressReader(trusted)(peer, { forwardedFor, forwardedProto }, listenerSecure);

describe('address', () => {
  test('[WR15] is the peer where nobody is trusted, whatever is forwarded', () => {
    expect(read([], '127.0.0.1', '1.1.1.1', 'https')).toEqual({ ip: '127.0.0.1', secure: false, trustedPeer: false });
    expect(read(['10.0.0.0/8'], '11.0.0.1', '1.1.1.1', 'https')).toEqual({
      ip: '11.0.0.1',
      secure: false,
      trustedPeer: false,
    });
  });

  const proxies = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1'];
  test.each([
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['10.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['10.0.0.1', '6.6.6.6,1.1.1.1,10.2.3.4', '1.1.1.1'],
    ['10.0.0.1', '6.6.6.6, 1.1.1.1 , 192.0.2.7,10.2.3.4', '1.1.1.1'],
    ['10.0.0.1', '10.9.9.9, 10.2.3.4', '10.9.9.9'],
    ['10.0.0.1', '6.6.6.6, unknown', '10.0.0.1'],
    ['10.0.0.1', '6.6.6.6, garbage, 10.2.3.4', '10.2.3.4'],
    ['10.0.0.1', '6.6.6.6,', '10.0.0.1'],
    ['10.0.0.1', ',', '10.0.0.1'],
    ['10.0.0.1', '1.1.1.1:5678', '1.1.1.1'],
    ['10.0.0.1', '[2A00::1]:5678', '2a00::1'],
    ['10.0.0.1', '2a00:0:0:0:0:0:0:1', '2a00::1'],
    ['10.0.0.1', '::ffff:1.1.1.1', '1.1.1.1'],
    ['10.0.0.1', '6.6.6.6, ::ffff:10.0.0.9', '6.6.6.6'],
    ['192.0.2.7', '1.1.1.1', '1.1.1.1'],
    ['192.0.2.8', '1.1.1.1', '192.0.2.8'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '1.1.1.1', '1.1.1.1'],
    ['0000:0000:0000:0000:0000:ffff:0a00:0001', '1.1.1.1', '1.1.1.1'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '1.1.1.1', '1.1.1.1'],
    ['10.0.0.1', '010.0.0.1', '10.0.0.1'],
  ])('[WR15] peer %s with %j is %s', (peer, forwardedFor, ip) => {
    expect(read(proxies, peer, forwardedFor).ip).toBe(ip);
  });

  test('[WR15] answers the same for a proxy it has seen, and for a stranger after it', () => {
    const reader = createAddressReader(proxies);
    const headers = { forwardedFor: '1.1.1.1', forwardedProto: '' };
    for (let round = 0; round < 3; round += 1) {
      expect(reader('10.0.0.1', headers, false)).toEqual({ ip: '1.1.1.1', secure: false, trustedPeer: true });
      expect(reader('11.0.0.1', headers, false)).toEqual({ ip: '11.0.0.1', secure: false, trustedPeer: false });
    }
  });

  test('[WR15] walks no more than 32 hops', () => {
    const chain = ['1.1.1.1', ...Array.from({ length: 40 }, (_, at) => `10.0.1.${at}`)].join(',');
    expect(read(proxies, '10.0.0.1', chain).ip).toBe('10.0.1.8');
  });

  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', '10.0.0', 'proxy.example', '', '::/129', '::ffff:10.0.0.0/8'])(
    '[WR15] refuses the trusted proxy %j',
    range => {
      expect(() => createAddressReader([range])).toThrow(JSON.stringify(range));
    },
  );

  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::FFFF:1.2.3.4', '1.2.3.4'],
    ['fe80::1%eth0', 'fe80::1'],
    ['FE80:0::0001', 'fe80::1'],
    ['1.2.3', null],
    ['1.2.3.4%x', null],
    ['x', null],
    ['', null],
  ])('[WR15] writes %s as %s', (text, ip) => {
    expect(canonicalIp(text)).toBe(ip);
  });
});

describe('scheme', () => {
  test.each([
    ['https', '', true],
    ['HTTPS', '1.1.1.1', true],
    ['wss', '1.1.1.1', true],
    ['http', '1.1.1.1', false],
    ['nonsense', '1.1.1.1', false],
    ['https, http', '1.1.1.1, 10.0.0.2', true],
    ['https, http', '1.1.1.1', false],
    ['https,http,http', '1.1.1.1, 10.0.0.2', false],
    ['https', '1.1.1.1, 10.0.0.2', true],
  ])('[WR16] X-Forwarded-Proto %j along %j is secure: %s', (proto, forwardedFor, secure) => {
    expect(read(['10.0.0.0/8'], '10.0.0.1', forwardedFor, proto).secure).toBe(secure);
  });

  test('[WR16] is the listener’s own where no trusted proxy says otherwise', () => {
    expect(read([], '1.1.1.1', '', 'http', true).secure).toBe(true);
    expect(read(['10.0.0.0/8'], '10.0.0.1', '', '', true).secure).toBe(true);
    expect(read(['10.0.0.0/8'], '10.0.0.1', '', 'http', true).secure).toBe(false);
  });
});
