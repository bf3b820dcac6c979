// What fails on the way to Redis or there, as an error of the store's.

import { StoreError } from '../store-error.ts';
import { wordRefusal } from './check-server.ts';
import type { RedisSettings } from './redis-settings.ts';

export function unavailable(message: string, cause?: unknown): StoreError {
  return new StoreError('unavailable', message, cause === undefined ? undefined : { cause });
}

/** What Redis said to a command, as operators read it. */
export function asStoreError(error: unknown, settings: RedisSettings): StoreError {
  return unavailable(wordRefusal(innermost(error).message, settings), error);
}

/** A Cluster wraps what its nodes said. */
export function innermost(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { lastNodeError } = error as { lastNodeError?: unknown };
  return lastNodeError instanceof Error ? lastNodeError : error;
}
