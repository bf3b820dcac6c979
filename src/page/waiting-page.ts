// What the gateway holds of the page: built once at start, rendered per request. It leaves the status code of the answer,
// cookies and the making of STATUS to the gateway.
import { createFormats, type Formats } from './formats.ts';
import { type HeadAndTail, type Middle, prepareHead } from './head-and-tail.ts';
import { type Languages, loadLanguages } from './languages.ts';
import { type Look, localText, plainLook, styleOf, wordingWith } from './look.ts';
import { type Assets, documentHead } from './markup.ts';
import { negotiateLanguage } from './negotiate-language.ts';
import { buildAssets } from './page-assets.ts';
import { contentPolicy, type Header, type HeaderLines, headersOf, linesOf } from './page-headers.ts';
import { documentTail, plainScreenStart, type TailInput } from './page-tail.ts';
import { remember, remembering } from './remember.ts';
import { decodeStatus, type Status } from './status.ts';
import type { Notice, PageRoom, Visit } from './visit.ts';
import type { LanguageTag, Screen, Wording } from './wording.ts';

export type Encoding = 'br' | 'gzip' | 'identity';
/** What a client takes beside plain text. */
export type Accepted = { readonly br: boolean; readonly gzip: boolean };

export interface Rendering {
  readonly language: string;
  readonly encoding: Encoding;
}

export interface PageVisit extends Rendering {
  /** STATUS, or its JSON with its fields where the gateway has them already. */
  readonly status: Status | { readonly json: string; readonly fields: unknown };
  /** Path and query that the fan asked for, same origin. */
  readonly returnTo: string;
  /** The present on the server's clock. */
  readonly nowMs: number;
  /** The device has just been let in: without JavaScript the page goes on to `returnTo` by itself. Absent: it was not. */
  readonly goesOn?: true;
  /** Given where the device may refuse cookies. */
  readonly ticket?: string;
  /** The commitment of the room's draw, if it has made one. */
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
  /** Brotli before gzip before plain; Brotli of a language is there a moment after that was first asked for. */
  readonly chooseEncoding: (language: string, accepted: Accepted) => Encoding;
  /** Resolves when a language can be rendered in every encoding. */
  readonly whenCompressed: (language: string) => Promise<void>;
  /** All headers of the answer but its status, length and cookies; the same array each time. */
  readonly headers: (rendering: Rendering) => readonly Header[];
  /** The same headers as one: a name, and a value that goes on with the others, line by line. */
  readonly headerLines: (rendering: Rendering) => HeaderLines;
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

/** Browsers send few different wishes; the longer ones are nobody's. */
const rememberedCharactersMax = 128;

interface Edition {
  readonly formats: Formats;
  readonly document: HeadAndTail;
  /** The middle of the document, by screen. */
  readonly middleOf: (screen: Screen) => Middle;
  readonly headers: Readonly<Record<Encoding, readonly Header[]>>;
  readonly headerLines: Readonly<Record<Encoding, HeaderLines>>;
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
    const settings = { prefix, language: tag, languages: names };
    const document = prepareHead(documentHead(wording, settings, assets, named?.name ?? '', look));
    const headers = {
      br: headersOf(tag, 'br', policy),
      gzip: headersOf(tag, 'gzip', policy),
      identity: headersOf(tag, 'identity', policy),
    };
    return {
      formats: remembering(createFormats(wording, 'UTC')),
      document,
      middleOf: remember(screen => document.middle(plainScreenStart(screen, wording))),
      headers,
      headerLines: { br: linesOf(headers.br), gzip: linesOf(headers.gzip), identity: linesOf(headers.identity) },
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
  const assets = await buildAssets();
  const editionOf = editionsOf(options, languages, { ...assets, style: assets.style + styleOf(look) });
  const [first, ...others] = languages;
  const tags: readonly [string, ...string[]] = [first.tag, ...others.map(({ tag }) => tag)];

  const languageWanted = remember((acceptLanguage: string) => negotiateLanguage(tags, acceptLanguage));
  const finish = (
    { language, encoding }: Rendering,
    rest: Omit<TailInput, 'prefix' | 'formats' | 'room' | 'roomJson'>,
  ) => {
    const { formats, document, middleOf, room, roomJson } = editionOf(language);
    const { screen, text } = documentTail({ prefix, formats, room, roomJson, ...rest });
    const middle = middleOf(screen);
    if (encoding === 'identity') return document.identity(middle, text);
    if (encoding === 'gzip') return document.gzip(middle, text);
    if (document.brotli === null) throw new Error(`the page in "${language}" is not compressed yet`);
    return document.brotli(middle, text);
  };

  return {
    languages: tags,
    chooseEncoding: (language, { br, gzip }) => {
      if (br && editionOf(language).document.brotli !== null) return 'br';
      return gzip ? 'gzip' : 'identity';
    },
    whenCompressed: language => editionOf(language).document.whenBrotli,
    negotiateLanguage: (acceptLanguage, cookieLanguage) =>
      cookieLanguage === undefined && acceptLanguage.length <= rememberedCharactersMax
        ? languageWanted(acceptLanguage)
        : negotiateLanguage(tags, acceptLanguage, cookieLanguage),
    headers: ({ language, encoding }) => editionOf(language).headers[encoding],
    headerLines: ({ language, encoding }) => editionOf(language).headerLines[encoding],
    render: ({ status: given, returnTo, nowMs, goesOn = false, ticket, commitment, ...rendering }) => {
      const status = 'json' in given ? decodeStatus(given.fields) : given;
      const statusJson = 'json' in given ? given.json : JSON.stringify(given);
      return finish(rendering, {
        status,
        statusJson,
        returnTo,
        nowMs,
        goesOn,
        ticket: ticket ?? null,
        commitment: status?.state === 'lobby' ? (commitment ?? null) : null,
        draws: commitment !== undefined,
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
          nowMs: notice.asOf === undefined ? Date.now() : Date.parse(notice.asOf),
          goesOn: false,
          ticket: null,
          commitment: null,
          draws: false,
          preview: preview ?? null,
          notice,
        },
      ),
  };
};
