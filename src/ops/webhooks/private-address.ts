// Which addresses are nobody's business but this machine's and its neighbours': a webhook goes to none of them unless the
// operator allows it for that webhook.
import { BlockList, isIP } from 'node:net';

const list = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  list.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  // The old form of an IPv4 address inside an IPv6 one, the unspecified address and the own machine among them.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  list.addSubnet(network, bits, 'ipv6');
}

/** Also true of what is no address at all. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  // An IPv4 address inside an IPv6 one is checked as what it is: BlockList does so by itself.
  return list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
