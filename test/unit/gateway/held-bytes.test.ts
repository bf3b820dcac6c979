// What is held for a slow reader comes out as it went in, whatever the sizes.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldBytes } from '../../../src/gateway/held-bytes.ts';

const pattern = Array.from({ length: 256 }, (_, index) => (index * 31) & 0xff);
const part = (length: number, seed: number) =>
  Buffer.alloc(length, Buffer.from(pattern.map(byte => (byte + seed) & 0xff)));

test('[PX32] held bytes come out in order, in pieces that belong to the reader', () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 100_000, 524_288), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.nat(20), (lengths, takenEarly) => {
      const held = new HeldBytes();
      const taken: Uint8Array[] = [];
      const sent = lengths.map((length, index) => part(length, index));
      for (const bytes of sent) {
        const lent = Uint8Array.from(bytes);
        held.add(lent);
        // The server takes its memory back.
        lent.fill(0);
      }
      for (let count = 0; count < takenEarly; count += 1) {
        const piece = held.take();
        if (piece !== null) taken.push(piece);
      }
      const late = part(70_000, 99);
      held.add(late);
      const all = Buffer.concat([...taken, held.all()]);
      expect(all.equals(Buffer.concat([...sent, late]))).toBe(true);
      expect(held.byteLength).toBe(0);
      expect(held.take()).toBeNull();
      for (const piece of taken) expect(piece.byteLength).toBeLessThanOrEqual(65_536);
    }),
    { numRuns: 40 },
  );
});

test('[PX32] a piece that was taken is not written over by what is held after it', () => {
  const held = new HeldBytes();
  held.add(part(200_000, 1));
  const first = held.take();
  held.clear();
  held.add(part(200_000, 2));
  expect(first?.subarray(0, 4)).toEqual(Buffer.from(part(4, 1)));
});
