// The code of a ticket that a fan reads to support: its arrival number and a letter that shows a misheard or swapped digit.
// The letters and their order are those of the Spanish identity number, made for the same purpose. Pure.

const letters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** "18204B": what stands before the letter is the number that operators look up. */
export const ticketCode = (number: number): string => `${number}${letters[number % letters.length] ?? ''}`;

/** The number of a code as it was typed; null where the letter says that it was misread. */
export const numberOfCode = (code: string): number | null => {
  const [, digits, letter] = /^\s*(\d{1,15})\s*-?\s*([A-Za-z])\s*$/.exec(code) ?? [];
  const number = Number(digits);
  return letter !== undefined && letters[number % letters.length] === letter.toUpperCase() ? number : null;
};
