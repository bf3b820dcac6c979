// Picks the page's language from what the browser asks for. Reads a bounded part of a header that anybody can fill.

const headerCharactersMax = 512;
const rangesMax = 20;

interface Range {
  readonly tag: string;
  readonly quality: number;
}

const parseRange = (text: string): Range | null => {
  const [tag = '', ...parameters] = text.split(';');
  const name = tag.trim().toLowerCase();
  if (!/^(\*|[a-z]{1,8}(-[a-z0-9]{1,8}){0,4})$/.test(name)) return null;
  const weight = parameters.find(parameter => parameter.trim().startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.trim().slice(2));
  return quality > 0 && quality <= 1 ? { tag: name, quality } : null;
};

/** Chinese is told apart by script; browsers name regions. */
const scriptOfChinese = (tag: string): string => (/^zh-(hant|tw|hk|mo)/.test(tag) ? 'zh-hant' : 'zh-hans');

/** What some browsers still call a language, or a close relative that its readers read. */
const otherNames: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb', iw: 'he', in: 'id' };

const matchOf = (tag: string, available: readonly string[]): string | undefined => {
  const primary = tag.split('-')[0] ?? tag;
  const wanted = primary === 'zh' ? [tag, scriptOfChinese(tag)] : [tag, primary, otherNames[primary]];
  return available.find(name => wanted.includes(name.toLowerCase()));
};

/** The language to answer in: the reader's own choice first, then the header, then the first available one. */
export const negotiateLanguage = (
  available: readonly [string, ...string[]],
  acceptLanguage: string,
  cookieLanguage?: string,
): string => {
  const chosen = available.find(name => name === cookieLanguage);
  if (chosen !== undefined) return chosen;
  const ranges = acceptLanguage
    .slice(0, headerCharactersMax)
    .split(',', rangesMax)
    .map(parseRange)
    .filter(range => range !== null)
    .sort((one, other) => other.quality - one.quality);
  for (const { tag } of ranges) {
    const match = matchOf(tag, available);
    if (match !== undefined) return match;
  }
  return available[0];
};
