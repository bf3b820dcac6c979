// What every refusal looks like: a problem document with its code.

import { expect } from 'vitest';
import type { Answer } from './device.ts';

export function expectProblem({ status, headers, json }: Answer, expected: number, code: string): void {
  expect(status).toBe(expected);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(json()).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status: expected,
    detail: expect.any(String),
    code,
  });
}
