// The texts that operators may give: one line each, bounded, nothing invisible that would change how others read it.
import * as z from 'zod';
import { expected } from './check-body.ts';

/** Control characters, line and paragraph separators, and marks that turn the direction of what follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;
const oneLine = 'must be one line without control characters and without marks that turn the direction of writing';

export const messageCharactersMax = 500;
const message = expected(`a text of at most ${messageCharactersMax} characters, or null to take the message away`);

/** Something that can be seen stands in it: no text is only blanks, joiners and fillers. */
const isVisible = (text: string): boolean => /[^\s\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
const isPrintable = (text: string): boolean => !unprintable.test(text) && text.isWellFormed();

export const messageText = z
  .string(message)
  .refine(isVisible, { error: 'is empty: give a text, or null to take the message away' })
  .refine(text => [...text].length <= messageCharactersMax, {
    error: ({ input }) => `must have at most ${messageCharactersMax} characters, not ${[...String(input)].length}`,
  })
  .refine(isPrintable, { error: oneLine });

/** A line of text that may not be empty. */
export const line = (what: string, lengthMax: number) =>
  z
    .string(expected(what))
    .min(1, expected(what))
    .max(lengthMax, expected(what))
    .refine(text => text === text.trim() && isVisible(text), expected(what))
    .refine(isPrintable, { error: oneLine });

export const reasonCharactersMax = 200;

/** Why an operator does it: for the audit trail. */
export const reason = line(`a text of 1 to ${reasonCharactersMax} characters`, reasonCharactersMax)
  .optional()
  .meta({ description: 'Why, for the audit trail.' });

export const languageTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$/, expected('a language tag, as in "ja" or "zh-Hant"'));

export const instantText = (what: string) =>
  z.iso.datetime({ offset: true, ...expected(`${what}, RFC 3339 with a zone, as in "2027-05-09T10:00:00+09:00"`) });
