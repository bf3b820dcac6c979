// The places of the console, each with an address that can be kept and sent: what stands behind the "#".
import { useEffect, useState } from 'preact/hooks';

export type Address =
  | { readonly kind: 'rooms' | 'trail' | 'gateway' | 'tokens' | 'new-room' }
  | { readonly kind: 'room' | 'configuration'; readonly room: string };

const plain = ['trail', 'gateway', 'tokens', 'new-room'] as const;

export function hrefOf(address: Address): string {
  if (address.kind === 'room') return `#/room/${address.room}`;
  if (address.kind === 'configuration') return `#/room/${address.room}/configuration`;
  return address.kind === 'rooms' ? '#/' : `#/${address.kind}`;
}

function read(): Address {
  const [, room, part] = /^#\/room\/([a-z0-9-]+)(\/configuration)?$/.exec(location.hash) ?? [];
  if (room !== undefined) return { kind: part === undefined ? 'room' : 'configuration', room };
  const kind = plain.find(each => location.hash === `#/${each}`);
  return { kind: kind ?? 'rooms' };
}

export function useAddress(): Address {
  const [address, setAddress] = useState(read);
  useEffect(() => {
    const follow = () => {
      setAddress(read());
      scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return address;
}
