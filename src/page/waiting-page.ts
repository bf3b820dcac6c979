// What the gateway holds of the page: built once at start, rendered per request. It leaves the status code of the answer,
// cookies and the making of STATUS to the gateway.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildSync, transformSync } from 'esbuild';
import { createFormats, type Formats } from './formats.ts';
import { type HeadAndTail, prepareHead } from './head-and-tail.ts';
import { type Languages, loadLanguages } from './languages.ts';
import { type Assets, documentHead } from './markup.ts';
import { negotiateLanguage } from './negotiate-language.ts';
import { documentTail, type TailInput } from './page-tail.ts';
import { parseStatus, type Status } from './status.ts';
import type { Notice, PageRoom } from './visit.ts';

export type Encoding = 'gzip' | 'identity';
export type Header = readonly [name: string, value: string];

export interface Rendering {
  readonly language: string;
  readonly encoding: Encoding;
}

export interface PageVisit extends Rendering {
  /** STATUS, or its JSON where the gateway has it encoded already. */
  readonly status: Status | string;
  /** Path and query that the fan asked for, same origin. */
  readonly returnTo: string;
  /** Given where the device may refuse cookies. */
  readonly ticket?: string;
  /** The commitment of the draw, while the device is in the lobby. */
  readonly commitment?: string;
}

export interface PageNotice extends Rendering, Notice {
  /** Path and query that the fan asked for; absent: `/`. */
  readonly returnTo?: string;
}

export interface WaitingPage {
  readonly languages: readonly string[];
  /** The language to render in, for a request's Accept-Language and its `junban-language` cookie. */
  readonly negotiateLanguage: (acceptLanguage: string, cookieLanguage?: string) => string;
  /** All headers of the answer but its status, length and cookies; the same array each time. */
  readonly headers: (rendering: Rendering) => readonly Header[];
  /** The whole body, to be written as it is; the bytes are good only until the next rendering of this page. */
  readonly render: (visit: PageVisit) => Uint8Array;
  readonly renderNotice: (notice: PageNotice) => Uint8Array;
}

export interface WaitingPageOptions {
  /** Where everything of ours lives, without a slash at the end: `/_junban`. */
  readonly prefix: string;
  /** Null: a page that can only show notices, for requests that belong to no room. */
  readonly room: PageRoom | null;
}

const browserFolder = new URL('./browser/', import.meta.url);
const styleTargets = ['chrome96', 'firefox94', 'safari15'];

/** Synchronous builds leave no compiler process behind. */
const buildAssets = async (): Promise<Assets> => {
  const bundle = buildSync({
    entryPoints: [fileURLToPath(new URL('main.ts', browserFolder))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
  });
  const sheet = await readFile(new URL('page.css', browserFolder), 'utf8');
  const style = transformSync(sheet, { loader: 'css', minify: true, charset: 'utf8', target: styleTargets });
  return { script: (bundle.outputFiles[0]?.text ?? '').trim(), style: style.code.trim() };
};

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const contentPolicy = ({ script, style }: Assets): string =>
  [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const headersOf = (language: string, encoding: Encoding, policy: string): readonly Header[] => {
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
  return encoding === 'gzip' ? [...headers, ['content-encoding', 'gzip']] : headers;
};

interface Edition {
  readonly formats: Formats;
  readonly document: HeadAndTail;
  readonly headers: Readonly<Record<Encoding, readonly Header[]>>;
}

type Shell = readonly [Edition, ...Edition[]];

const buildShell = (prefix: string, languages: Languages, assets: Assets): Shell => {
  const policy = contentPolicy(assets);
  const names = languages.map(({ tag, name }) => [tag, name] as const);
  const editionOf = (wording: Languages[0]): Edition => ({
    formats: createFormats(wording, 'UTC'),
    document: prepareHead(documentHead(wording, { prefix, language: wording.tag, languages: names }, assets)),
    headers: {
      gzip: headersOf(wording.tag, 'gzip', policy),
      identity: headersOf(wording.tag, 'identity', policy),
    },
  });
  const [first, ...others] = languages;
  return [editionOf(first), ...others.map(editionOf)];
};

/** Compiles, compresses and hashes everything that does not change; call it once per room at start. */
export const buildWaitingPage = async ({ prefix, room }: WaitingPageOptions): Promise<WaitingPage> => {
  const languages = await loadLanguages();
  const shell = buildShell(prefix, languages, await buildAssets());
  const [first, ...others] = languages;
  const tags: readonly [string, ...string[]] = [first.tag, ...others.map(({ tag }) => tag)];
  const editions = new Map(shell.map(edition => [edition.formats.wording.tag, edition]));
  const editionOf = (language: string): Edition => editions.get(language) ?? shell[0];
  const roomJson = JSON.stringify(room);

  const finish = (
    { language, encoding }: Rendering,
    rest: Omit<TailInput, 'prefix' | 'formats' | 'room' | 'roomJson'>,
  ) => {
    const { formats, document } = editionOf(language);
    return document[encoding](documentTail({ prefix, formats, room, roomJson, ...rest }));
  };

  return {
    languages: tags,
    negotiateLanguage: (acceptLanguage, cookieLanguage) => negotiateLanguage(tags, acceptLanguage, cookieLanguage),
    headers: ({ language, encoding }) => editionOf(language).headers[encoding],
    render: ({ status: given, returnTo, ticket, commitment, ...rendering }) => {
      const status = typeof given === 'string' ? parseStatus(given) : given;
      const statusJson = typeof given === 'string' ? given : JSON.stringify(given);
      return finish(rendering, {
        status,
        statusJson,
        returnTo,
        ticket: ticket ?? null,
        commitment: status?.state === 'lobby' ? (commitment ?? null) : null,
        notice: null,
      });
    },
    renderNotice: ({ language, encoding, returnTo = '/', ...notice }) =>
      finish(
        { language, encoding },
        { status: null, statusJson: 'null', returnTo, ticket: null, commitment: null, notice },
      ),
  };
};
