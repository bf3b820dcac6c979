// The code that a fan reads to support.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberOfCode, ticketCode } from '../../../src/page/ticket-code.ts';

const numbers = fc.integer({ min: 0, max: 999_999_999 });

test('[PG74] a code leads back to its number, however it is typed', () => {
  fc.assert(fc.property(numbers, number => numberOfCode(ticketCode(number)) === number));
  expect(numberOfCode(' 18204-b ')).toBe(18_204);
  expect(numberOfCode('18204')).toBeNull();
  expect(numberOfCode('')).toBeNull();
});

test('[PG74] one wrong digit or two swapped ones never pass', () => {
  fc.assert(
    fc.property(numbers, fc.nat(8), fc.integer({ min: 1, max: 9 }), (number, at, more) => {
      const digits = [...String(number)];
      const letter = ticketCode(number).slice(-1);
      const index = at % digits.length;
      const wrong = digits.with(index, String((Number(digits[index]) + more) % 10)).join('');
      expect(numberOfCode(`${wrong}-${letter}`)).toBeNull();
      const [one = '', other = ''] = digits.slice(index, index + 2);
      if (other === '' || one === other) return;
      expect(
        numberOfCode(
          `${digits
            .with(index, other)
            .with(index + 1, one)
            .join('')}-${letter}`,
        ),
      ).toBeNull();
    }),
  );
});
