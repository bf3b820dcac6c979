// How a store says that it could not do something.

/** `unavailable`: the outcome is unknown, ask again later. `busy`: so many wait already that nothing was tried. `in-use`: another process has the store. `unreadable`: not ours. */
export type StoreErrorCode = 'unavailable' | 'busy' | 'in-use' | 'unreadable';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function isStoreError(error: unknown, code?: StoreErrorCode): error is StoreError {
  return error instanceof StoreError && (code === undefined || error.code === code);
}
