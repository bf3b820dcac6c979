// The operator's message as one text, where only one can be shown.

import type { OperatorMessage } from './room-change.ts';

/** The text for a language tag, else for its language, else the first. */
export function messageIn(message: OperatorMessage | null | undefined, language: string): string | null {
  if (message === null || message === undefined || typeof message === 'string') return message ?? null;
  const [base = ''] = language.split('-');
  return message[language] ?? message[base] ?? Object.values(message)[0] ?? null;
}
