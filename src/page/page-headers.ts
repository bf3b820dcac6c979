// The headers of the page: fixed for a language and an encoding, and its content policy with them.
import { createHash } from 'node:crypto';
import type { Assets } from './markup.ts';
import type { Encoding } from './waiting-page.ts';

export type Header = readonly [name: string, value: string];
export type HeaderLines = readonly [firstName: string, lines: Uint8Array];

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const contentPolicy = ({ script, style }: Assets): string =>
  [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "connect-src 'self'",
    // The check of the draw; browsers of 2021 look at child-src for it.
    "worker-src 'self'",
    "child-src 'self'",
    "frame-src 'none'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

export const headersOf = (language: string, encoding: Encoding, policy: string): readonly Header[] => {
  const headers: Header[] = [
    ['content-type', 'text/html; charset=utf-8'],
    ['content-language', language],
    ['cache-control', 'no-store'],
    ['content-security-policy', policy],
    ['referrer-policy', 'same-origin'],
    ['vary', 'accept-encoding, accept-language, cookie'],
    ['x-content-type-options', 'nosniff'],
    ['x-robots-tag', 'noindex'],
  ];
  return encoding === 'identity' ? headers : [...headers, ['content-encoding', encoding]];
};

/** Eight calls of the server's less for every page. Nothing in them comes from a request. */
export const linesOf = ([first = ['', ''], ...others]: readonly Header[]): HeaderLines => [
  first[0],
  Buffer.from(first[1] + others.map(([name, value]) => `\r\n${name}: ${value}`).join('')),
];
