// What a tab remembers over a reload: the number it began with, and what it did by itself lately, so that it never does it
// in a loop. Without sessionStorage it remembers nothing and therefore does nothing of the kind by itself. The commitment of
// the draw outlives the tab: a fan may close the page in the lobby and open it anew after the start.

import type { AheadKept } from './state.ts';

export interface Memory {
  readonly ahead: (ticketNumber: number | null) => AheadKept;
  readonly rememberAhead: (ticketNumber: number | null, kept: AheadKept) => void;
  /** The commitment this device was shown in the lobby; null: it was not there with this ticket, or does not remember. */
  readonly commitment: (ticketNumber: number | null) => string | null;
  readonly rememberCommitment: (ticketNumber: number | null, commitment: string) => void;
  /** True, and noted, when this has not been done within `withinMs`. */
  readonly mayDo: (deed: 'enter' | 'rejoin', withinMs: number) => boolean;
  /** How often the shop was tried in vain, within the last ten minutes. */
  readonly countTry: () => number;
}

const triesKeptMs = 600_000;

type Kept = 'sessionStorage' | 'localStorage';

const read = (key: string, kept: Kept = 'sessionStorage'): string | null => {
  try {
    return window[kept].getItem(key);
  } catch {
    // Storage is blocked: nothing is remembered.
    return null;
  }
};

const write = (key: string, value: string, kept: Kept = 'sessionStorage'): boolean => {
  try {
    window[kept].setItem(key, value);
    return true;
  } catch {
    // Storage is blocked or full: the caller must not rely on it.
    return false;
  }
};

export const createMemory = (roomId: string): Memory => {
  const key = (name: string): string => `junban-${roomId}-${name}`;
  /** Where nothing is kept this page still knows what it was told itself. */
  let ownCommitment = '';
  return {
    ahead: ticketNumber => {
      const [number, atFirst, last] = (read(key('ahead')) ?? '').split(' ');
      const isOwn = ticketNumber !== null && number === String(ticketNumber);
      const countIn = (text = ''): number | null => (isOwn && /^\d+$/.test(text) ? Number(text) : null);
      return { atFirst: countIn(atFirst), last: countIn(last) };
    },
    rememberAhead: (ticketNumber, { atFirst, last }) => {
      write(key('ahead'), `${ticketNumber} ${atFirst} ${last}`);
    },
    commitment: ticketNumber => {
      const [number, commitment = null] = (ownCommitment || (read(key('commitment'), 'localStorage') ?? '')).split(' ');
      return ticketNumber !== null && number === String(ticketNumber) ? commitment : null;
    },
    rememberCommitment: (ticketNumber, commitment) => {
      ownCommitment = `${ticketNumber} ${commitment}`;
      write(key('commitment'), ownCommitment, 'localStorage');
    },
    mayDo: (deed, withinMs) => {
      const sinceMs = Date.now() - Number(read(key(deed)) ?? 0);
      if (sinceMs >= 0 && sinceMs < withinMs) return false;
      return write(key(deed), String(Date.now()));
    },
    countTry: () => {
      const [tries = '0', atMs = '0'] = (read(key('tries')) ?? '').split(' ');
      const count = Date.now() - Number(atMs) < triesKeptMs ? Number(tries) + 1 : 0;
      write(key('tries'), `${count} ${Date.now()}`);
      return count;
    },
  };
};
