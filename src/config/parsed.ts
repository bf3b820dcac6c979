// The outcome of reading one text of the configuration: a value, or what is wrong with it and what is right.
// The readers (duration, instant, address, ...) return it; the schema turns a problem into one with a path.

export type Parsed<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'problem'; readonly message: string };

export const parsed = <T>(value: T): Parsed<T> => ({ kind: 'ok', value });

export const refused = (message: string): Parsed<never> => ({ kind: 'problem', message });
