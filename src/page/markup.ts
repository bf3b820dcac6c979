// The static part of the document, one per language: everything up to the tail. It knows no room and no device, so that
// it is compressed once.
import { type Look, localText } from './look.ts';
import type { ShortNames } from './short-names.ts';
import type { LanguageTag, Wording } from './wording.ts';

export interface Assets {
  readonly script: string;
  readonly style: string;
  readonly shortNames: ShortNames;
}

export interface Settings {
  readonly prefix: string;
  readonly language: string;
  readonly languages: readonly (readonly [tag: string, name: string])[];
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%23165e83'/%3E%3Ccircle cx='8' cy='16' r='2.5' fill='%238fb8cd'/%3E%3Ccircle cx='14.5' cy='16' r='2.5' fill='%23c3dae6'/%3E%3Ccircle cx='23' cy='16' r='4' fill='%23fff'/%3E%3C/svg%3E";

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const special = /[&<>"']/;
const specials = /[&<>"']/g;

export const escapeHtml = (text: string): string =>
  special.test(text) ? text.replace(specials, character => entities[character] ?? '') : text;

/** JSON that cannot end the script element it stands in, nor open a comment there. */
export const escapeJson = (json: string): string => (json.includes('<') ? json.replaceAll('<', '\\u003c') : json);

export const dataBlock = (id: string, json: string): string =>
  `<script type="application/json" id="${id}">${escapeJson(json)}</script>`;

const logoOf = (tag: LanguageTag, { logo, name }: Look): string =>
  logo === null ? '' : `<img id="logo" src="${logo}" alt="${name === null ? '' : escapeHtml(localText(name, tag))}">`;

const linksOf = (tag: LanguageTag, { links }: Look): string =>
  links.length === 0
    ? ''
    : `<nav id="links">${links.map(({ url, text }) => `<a href="${escapeHtml(url)}" target="_blank" rel="noopener" dir="auto">${escapeHtml(localText(text, tag))}</a>`).join('')}</nav>`;

/** What is hidden is shown by the script; without it the plain screen stands between header and links. */
const body = (wording: Wording, name: string, look: Look): string => `<div id="app">
<header>${logoOf(wording.tag, look)}<p id="room" dir="auto">${escapeHtml(name)}</p><label id="languages" hidden><span class="unseen">${escapeHtml(wording.notes.language)}</span><select id="language"></select></label></header>
<main hidden>
<section id="message" hidden><h2>${escapeHtml(wording.notes.message)}</h2><p dir="auto"></p></section>
<h1 id="headline" tabindex="-1"></h1>
<p id="lead"></p>
<div id="figure"><p aria-hidden="true"><span id="before"></span><b id="value"></b><span id="after"></span></p><p id="spoken" class="unseen"></p></div>
<div id="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-label="${escapeHtml(wording.notes.progress)}"><i></i></div>
<p id="hurry" aria-hidden="true"></p>
<p id="actions"><button id="button" type="button"></button><button id="extend" type="button">${escapeHtml(wording.buttons.moreTime)}</button></p>
<dl id="facts"></dl>
<p id="note"></p>
<p id="closing"></p>
<section id="proof" aria-live="polite" hidden><ul id="steps"></ul><a id="data" target="_blank">${escapeHtml(wording.proof.data)}</a></section>
</main>
<footer hidden>
<div id="extras"><button id="alert" type="button" aria-pressed="false">${escapeHtml(wording.alerts.ask)}</button><button id="check" type="button">${escapeHtml(wording.proof.check)}</button><p id="alerted" hidden>${escapeHtml(wording.alerts.on)}</p></div>
<p id="connection"><i></i><span></span></p>
<div id="leaving"><button id="leave" type="button">${escapeHtml(wording.buttons.leave)}</button>
<div id="question" role="group" aria-labelledby="asked" hidden><p id="asked">${escapeHtml(wording.notes.leaveQuestion)}</p><button id="stay" type="button">${escapeHtml(wording.buttons.stay)}</button><button id="confirm" type="button">${escapeHtml(wording.buttons.leaveConfirm)}</button></div></div>
</footer>
${linksOf(wording.tag, look)}<p id="polite" role="status" class="unseen"></p><p id="urgent" role="alert" class="unseen"></p>
`;

/** Words that stand in the markup only: the script never asks for them. */
const markupOnly: ReadonlySet<string> = new Set(
  'name direction moreTime leave leaveConfirm stay message refreshesItself language progress leaveQuestion ask on check data'.split(
    ' ',
  ),
);

/** The check of the draw brings the words for what it finds, the script for the shop's pages its own. */
const wordsOfPage = ({ proof: { working, failed }, passTime: _, ...wording }: Wording): unknown => ({
  ...wording,
  proof: { working, failed },
});

/** The words for the script, by its names: plural forms that say the same as `other` are left to it. */
const forScript =
  (shortNames: ShortNames) =>
  (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const other = 'other' in value ? value.other : undefined;
    const kept = Object.entries(value).filter(
      ([name, text]) => !markupOnly.has(name) && (name === 'other' || text !== other),
    );
    return Object.fromEntries(kept.map(([name, text]) => [shortNames[name] || name, text]));
  };

/** The words stand next to the body that repeats some of them: deflate sees no further back than 32 KB. */
export const documentHead = (
  wording: Wording,
  settings: Settings,
  assets: Assets,
  name: string,
  look: Look,
): string => `<!doctype html>
<html lang="${wording.tag}" dir="${wording.direction}"><head><meta charset="utf-8"><title>${escapeHtml(wording.titles.plain)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><meta name="format-detection" content="telephone=no">
<link rel="icon" href="${icon}"><style>${assets.style}</style><script>${assets.script}</script>${dataBlock('settings', JSON.stringify(settings))}${dataBlock('wording', JSON.stringify(wordsOfPage(wording), forScript(assets.shortNames)))}</head>
<body>${body(wording, name, look)}`;
