// The operator's look: a name, a logo, one colour, words and links of the room, laid over the page as it is. Whatever the
// colour, what stands on it stays readable.
import type { LanguageTag, Screen, Wording } from './wording.ts';

/** One text for all, or several by language; the first of several is for the languages that have none. */
export type LocalText = string | Readonly<Partial<Record<LanguageTag, string>>>;

export interface Look {
  readonly name: LocalText | null;
  /** A data address, so that the page stays one request. */
  readonly logo: string | null;
  /** "#rrggbb" */
  readonly accent: string | null;
  /** The language of the page where the browser asks for none of ours. */
  readonly language: LanguageTag | null;
  readonly links: readonly { readonly url: string; readonly text: LocalText }[];
  readonly texts: Readonly<Partial<Record<LanguageTag, ScreenTexts>>>;
}

export type ScreenTexts = Readonly<
  Partial<Record<Screen, { readonly headline?: string | undefined; readonly lead?: string | undefined }>>
>;

export const plainLook: Look = { name: null, logo: null, accent: null, language: null, links: [], texts: {} };

export const localText = (text: LocalText, tag: LanguageTag): string =>
  typeof text === 'string' ? text : (text[tag] ?? Object.values(text)[0] ?? '');

/** The words of one language with the operator's in place of ours. */
export const wordingWith = (wording: Wording, { texts }: Look): Wording => {
  const own = texts[wording.tag];
  if (own === undefined) return wording;
  const screens = { ...wording.screens };
  for (const [screen, words] of Object.entries(own)) {
    const name = screen as Screen; // A key of ScreenTexts.
    const { headline = screens[name].headline, lead = screens[name].lead } = words;
    screens[name] = { headline, lead };
  }
  return { ...wording, screens };
};

type Colour = readonly [red: number, green: number, blue: number];

const white: Colour = [255, 255, 255];
const black: Colour = [0, 0, 0];
/** The grounds of page.css. */
const lightGround: Colour = [0xfb, 0xfa, 0xf7];
const darkGround: Colour = [0x11, 0x14, 0x17];
/** WCAG 1.4.3; no colour is under it with both black and white. */
const textContrastMin = 4.5;
/** WCAG 1.4.11: lines, the bar, the ring around what has the focus. */
const contrastMin = 3;

const colourOf = (hex: string): Colour => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

const toHex = (colour: Colour): string =>
  `#${colour.map(part => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

const luminance = (colour: Colour): number => {
  const [red = 0, green = 0, blue = 0] = colour.map(part => {
    const share = Math.round(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one: Colour, other: Colour): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((low, high) => low - high);
  return (light + 0.05) / (dark + 0.05);
};

const mix = ([red, green, blue]: Colour, [toRed, toGreen, toBlue]: Colour, share: number): Colour => [
  red + (toRed - red) * share,
  green + (toGreen - green) * share,
  blue + (toBlue - blue) * share,
];

/** The colour itself where it can be seen on the ground, else as little mixed as it takes. */
const visibleOn = (ground: Colour, colour: Colour, towards: Colour): Colour => {
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = mix(colour, towards, share);
    if (contrast(ground, mixed) >= contrastMin) return mixed;
  }
  return towards;
};

/**
 * The rules that stand after the page's own; empty without a colour. Large areas have the operator's very colour, with
 * black or white on them; it is only changed where it must be seen on the page's ground.
 */
export const styleOf = ({ accent }: Look): string => {
  if (accent === null) return '';
  const colour = colourOf(accent);
  // On a middling colour both can be read, and white looks better.
  const [ink, paper] = contrast(colour, white) >= textContrastMin ? [white, black] : [black, white];
  const on = toHex(ink);
  const panel = toHex(mix(colour, paper, 0.15));
  return (
    `:root{--accent:${toHex(visibleOn(lightGround, colour, black))};--fill:${accent};--on-accent:${on}}` +
    `@media(prefers-color-scheme:dark){:root{--accent:${toHex(visibleOn(darkGround, colour, white))}}}` +
    `html[data-tone=call]{--ground:${accent};--ink:${on};--soft:${on};--line:${on}80;--accent:${on};--fill:${on};--on-accent:${accent};--panel:${panel};--still:${on}}`
  );
};
