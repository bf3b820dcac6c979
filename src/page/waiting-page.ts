// What the gateway holds of the page: built once at start, rendered per request. It leaves the status code of the answer,
// cookies and the making of STATUS to the gateway.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildSync, transformSync } from 'esbuild';
import { createFormats, type Formats } from './formats.ts';
import { type HeadAndTail, prepareHead } from './head-and-tail.ts';
import { type Languages, loadLanguages } from './languages.ts';
import { type Look, localText, plainLook, styleOf, wordingWith } from './look.ts';
import { type Assets, documentHead } from './markup.ts';
import { negotiateLanguage } from './negotiate-language.ts';
import { documentTail, type TailInput } from './page-tail.ts';
import { parseStatus, type Status } from './status.ts';
import type { Notice, PageRoom, Visit } from './visit.ts';
import type { LanguageTag, Wording } from './wording.ts';

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
  readonly preview?: Visit['preview'];
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
  readonly look?: Look;
}

const browserFolder = new URL('./browser/', import.meta.url);
const styleTargets = ['chrome96', 'firefox94', 'safari15'];

let built: Promise<Assets> | null = null;

/** The same for all rooms. */
const buildAssets = (): Promise<Assets> => {
  built ??= compileAssets();
  return built;
};

/** Synchronous builds leave no compiler process behind. */
const compileAssets = async (): Promise<Assets> => {
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
    // The check of the draw; browsers of 2021 look at child-src for it.
    "worker-src 'self'",
    "child-src 'self'",
    "frame-src 'none'",
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
  readonly room: PageRoom | null;
  readonly roomJson: string;
}

/** An edition is built when its language is first asked for: few rooms meet all of them. */
const editionsOf = (
  { prefix, room, look = plainLook }: WaitingPageOptions,
  languages: Languages,
  assets: Assets,
): ((language: string) => Edition) => {
  const policy = contentPolicy(assets);
  const names = languages.map(({ tag, name }) => [tag, name] as const);
  const build = (given: Wording): Edition => {
    const wording = wordingWith(given, look);
    const { tag } = wording;
    const named = room === null || look.name === null ? room : { ...room, name: localText(look.name, tag) };
    return {
      formats: createFormats(wording, 'UTC'),
      document: prepareHead(documentHead(wording, { prefix, language: tag, languages: names }, assets, look)),
      headers: { gzip: headersOf(tag, 'gzip', policy), identity: headersOf(tag, 'identity', policy) },
      room: named,
      roomJson: JSON.stringify(named),
    };
  };
  const fallback = build(languages[0]);
  const editions = new Map<string, Edition>([[languages[0].tag, fallback]]);
  return language => {
    const known = editions.get(language);
    if (known !== undefined) return known;
    const wording = languages.find(({ tag }) => tag === language);
    if (wording === undefined) return fallback;
    const edition = build(wording);
    editions.set(language, edition);
    return edition;
  };
};

const withFirst = (languages: Languages, tag: LanguageTag | null): Languages => {
  const first = languages.find(wording => wording.tag === tag);
  return first === undefined ? languages : [first, ...languages.filter(wording => wording !== first)];
};

/** Compiles and hashes everything that does not change; call it once per room at start. */
export const buildWaitingPage = async (options: WaitingPageOptions): Promise<WaitingPage> => {
  const { prefix, look = plainLook } = options;
  const languages = withFirst(await loadLanguages(), look.language);
  const { script, style } = await buildAssets();
  const editionOf = editionsOf(options, languages, { script, style: style + styleOf(look) });
  const [first, ...others] = languages;
  const tags: readonly [string, ...string[]] = [first.tag, ...others.map(({ tag }) => tag)];

  const finish = (
    { language, encoding }: Rendering,
    rest: Omit<TailInput, 'prefix' | 'formats' | 'room' | 'roomJson'>,
  ) => {
    const { formats, document, room, roomJson } = editionOf(language);
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
        preview: null,
        notice: null,
      });
    },
    renderNotice: ({ language, encoding, returnTo = '/', preview, ...notice }) =>
      finish(
        { language, encoding },
        {
          status: null,
          statusJson: 'null',
          returnTo,
          ticket: null,
          commitment: null,
          preview: preview ?? null,
          notice,
        },
      ),
  };
};
