// The shape of a language file: every string of every screen. A file that lacks one does not compile. Plain data only,
// because it travels to the browser as JSON; numbers, plurals and times are put in by formats.ts.

/** Forms by the plural categories of Intl.PluralRules; `{n}` stands for the formatted number. */
export interface Plural {
  readonly zero?: string;
  readonly one?: string;
  readonly two?: string;
  readonly few?: string;
  readonly many?: string;
  readonly other: string;
}

/** A language is here and in `languages/TAG.ts`. BCP 47. */
export const languageTags = [
  'ar',
  'cs',
  'da',
  'de',
  'el',
  'en',
  'es',
  'fi',
  'fr',
  'he',
  'hi',
  'hu',
  'id',
  'it',
  'ja',
  'ko',
  'nb',
  'nl',
  'pl',
  'pt',
  'ru',
  'sv',
  'th',
  'tr',
  'uk',
  'vi',
  'zh-Hans',
  'zh-Hant',
] as const;
export type LanguageTag = (typeof languageTags)[number];

export const screens = [
  'closed',
  'lobby',
  'drawing',
  'waiting',
  'near',
  'called',
  'entering',
  'missed',
  'admitted',
  'paused',
  'full',
  'trouble',
  'sold-out',
  'checking',
  'offline',
  'left',
  'ended',
  'superseded',
  'invalid',
  'shop-trouble',
  'not-found',
  'store-unavailable',
  'busy',
] as const;
export type Screen = (typeof screens)[number];

export interface Wording {
  /** Equal to the file's name. */
  readonly tag: LanguageTag;
  /** The language's name in itself, for the switch. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  readonly screens: Readonly<Record<Screen, { readonly headline: string; readonly lead: string }>>;
  readonly buttons: {
    readonly claim: string;
    readonly here: string;
    readonly go: string;
    readonly rejoin: string;
    readonly resume: string;
    readonly retry: string;
    readonly moreTime: string;
    readonly leave: string;
    readonly leaveConfirm: string;
    readonly stay: string;
  };
  readonly figure: {
    /** Above and below the large number of devices ahead. */
    readonly aheadBefore: string;
    readonly aheadAfter: Plural;
    readonly untilOpening: string;
    readonly untilStart: string;
    readonly leftToEnter: string;
  };
  readonly facts: {
    readonly estimate: string;
    readonly pace: string;
    readonly here: string;
    /** The ticket's number with a check letter, to tell support. */
    readonly code: string;
    readonly soldOut: string;
    readonly remaining: Plural;
    readonly startsAt: string;
    readonly opensAt: string;
    /** Instead of an estimate, while nobody is let in. */
    readonly standsStill: string;
    readonly perMinute: Plural;
    readonly people: Plural;
  };
  readonly durations: {
    readonly underMinute: string;
    readonly minutes: Plural;
    /** `{low}` to `{high}`, the form by the high end, which is 2 at least; so below. */
    readonly minutesRange: Plural;
    readonly minutesUpTo: Plural;
    readonly hours: Plural;
    readonly hoursRange: Plural;
    readonly days: Plural;
    /** Ages: `{n}` seconds, minutes, hours ago. */
    readonly secondsAgo: Plural;
    readonly minutesAgo: Plural;
    readonly hoursAgo: Plural;
  };
  readonly notes: {
    /** One device counts as one. */
    readonly count: string;
    readonly next: string;
    readonly rose: string;
    /** The first sentence where the shop does not answer: `{pass}` of that screen; the second only while the clock stands. */
    readonly passKept: string;
    readonly passStands: string;
    readonly clockStands: string;
    readonly claimingByItself: string;
    /** What happens when the time to enter runs out. */
    readonly ifMissed: string;
    readonly hurry: Plural;
    readonly leaveQuestion: string;
    readonly keepOpen: string;
    /** Whether the page may be closed: until `{time}`, without a known end, in the lobby. */
    readonly closeUntil: string;
    readonly closeAnyTime: string;
    readonly closeInLobby: string;
    /** `{time}`: the new start. */
    readonly moved: string;
    /** `{named}`: drand, or the public figure in the operator's words; `{time}`: about until when. */
    readonly drawWaits: string;
    readonly noMoreTime: string;
    readonly message: string;
    readonly refreshesItself: string;
    /** The browser keeps no cookies: what to do before the turn, without losing the place. */
    readonly cookies: string;
    readonly language: string;
    readonly progress: string;
  };
  /** Sound, notification and a screen that stays on, when the fan asks for them. */
  readonly alerts: { readonly ask: string; readonly on: string };
  /** The check of this device's own place, step by step. */
  readonly proof: {
    readonly check: string;
    readonly working: string;
    readonly failed: string;
    readonly pending: string;
    /** `{number}`, `{place}`: as computed, counted from 0; so in all below. */
    readonly afterDraw: string;
    readonly commitment: string;
    readonly drand: string;
    readonly figure: string;
    /** Before `none`, where what was announced did not come in time. */
    readonly late: string;
    readonly none: string;
    readonly seed: string;
    readonly place: string;
    readonly right: string;
    /** Instead of `right` where a step could not be proved here. */
    readonly follows: string;
    readonly wrong: string;
    readonly data: string;
  };
  readonly connection: {
    /** `{time}` is the time of the last update. */
    readonly live: string;
    readonly connecting: string;
    readonly lost: string;
    /** `{time}` and `{ago}`. */
    readonly asOf: string;
  };
  /** Titles of the tab; `{n}` as formatted. */
  readonly titles: { readonly plain: string; readonly ahead: string; readonly called: string };
  /**
   * Of the script for the shop's own pages. `{time}`: minutes and seconds for the eye, whole minutes for the ear, without
   * a case: where one would be needed it stands after a colon.
   */
  readonly passTime: {
    readonly name: string;
    readonly left: string;
    readonly last: string;
    readonly standing: string;
    readonly more: string;
    readonly longer: string;
    readonly over: string;
  };
}

/** What the script for the shop's own pages is given. */
export interface PassTimeWording {
  readonly language: LanguageTag;
  readonly direction: Wording['direction'];
  readonly words: Wording['passTime'];
}
