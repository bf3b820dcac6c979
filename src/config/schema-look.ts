// The shape of a room's look in the configuration file: name, logo, colour, words and links of its waiting page.
import * as z from 'zod';
import { languageTags, screens } from '../page/wording.ts';
import { type Parsed, parsed, refused } from './parsed.ts';
import { plain, text } from './schema-values.ts';

function readColour(colour: string): Parsed<string> {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return parsed(colour.toLowerCase());
  return refused(`${JSON.stringify(colour.slice(0, 80))} is not a colour: write it as in "#165e83"`);
}

function readLink(url: string): Parsed<string> {
  const good =
    /^(https?:\/\/[^\s\\"<>]+|\/[^\s\\"<>/][^\s\\"<>]*)$/i.test(url) && URL.canParse(url, 'https://shop.example');
  return good
    ? parsed(url)
    : refused(`${JSON.stringify(url.slice(0, 80))} must be an http or https address, or a path as in "/help"`);
}

function readLogoPath(path: string): Parsed<string> {
  if (/\.(svg|png|webp|jpg)$/i.test(path)) return parsed(path);
  return refused(`${JSON.stringify(path.slice(-80))} must be a picture: svg, png, webp or jpg`);
}

const tag = z.enum(languageTags);
const localText = (description: string, lengthMax: number) =>
  z.union([plain(description, lengthMax), z.partialRecord(tag, plain(description, lengthMax))]).meta({ description });

const screenTexts = z.strictObject({
  headline: plain('The headline of the screen; default ours.', 120).optional(),
  lead: plain('The explanation below the headline; default ours.', 600).optional(),
});

export const lookSchema = z.strictObject({
  name: localText('Name at the top of the page and in its title, one or by language; default none.', 80).optional(),
  logo: text(
    'A picture at the top, a file beside this one, svg, png, webp or jpg, 16 KB at most, sent with every page; default none.',
    readLogoPath,
  ).optional(),
  accent: text(
    'The colour of buttons, marks and the whole page at the call, with black or white on it; default ours.',
    readColour,
    {
      pattern: '^#[0-9a-fA-F]{6}$',
    },
  ).optional(),
  language: tag.meta({ description: 'The language for browsers that ask for none of ours; default en.' }).optional(),
  links: z
    .array(
      z.strictObject({
        url: text('Where the link leads, an address or a path that goes straight to the shop.', readLink),
        text: localText('What the link says, one or by language.', 60),
      }),
    )
    .max(5)
    .prefault([])
    .meta({ description: 'Links at the foot of the page, five at most; default none.' }),
  texts: z
    .partialRecord(tag, z.partialRecord(z.enum(screens), screenTexts))
    .prefault({})
    .meta({ description: 'Words of your own, by language and screen; default ours.' }),
});
