// What a tab remembers, also where the browser keeps nothing.
import { afterEach, expect, test, vi } from 'vitest';

/** What is compiled for browsers cannot be imported by a program for Node: its shape stands here. */
interface MemoryModule {
  readonly createMemory: (roomId: string) => {
    commitment(ticketNumber: number | null): string | null;
    rememberCommitment(ticketNumber: number | null, commitment: string): void;
  };
}

const path: string = '../../../src/page/browser/memory.ts';
const { createMemory }: MemoryModule = await import(path);

afterEach(() => {
  vi.unstubAllGlobals();
});

test('[PG177] a page that may keep nothing still holds the room to the commitment that it was shown itself', () => {
  vi.stubGlobal('window', {
    get localStorage() {
      throw new DOMException('', 'SecurityError');
    },
  });
  const memory = createMemory('sale');
  expect(memory.commitment(7)).toBeNull();
  memory.rememberCommitment(7, 'ab');
  expect(memory.commitment(7)).toBe('ab');
  expect(memory.commitment(8)).toBeNull();
  // A reload begins anew.
  expect(createMemory('sale').commitment(7)).toBeNull();
});
