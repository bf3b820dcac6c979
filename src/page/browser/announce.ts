// What is said aloud, and when: a new screen, a message, a moved start and an extension at once, in line every tenth of
// the way and at most each minute, never at every push. Pure.
import type { View } from '../describe.ts';

export interface Announced {
  readonly screen: string;
  readonly tenth: number;
  readonly text: string;
  readonly atMs: number;
  readonly hurried: boolean;
  readonly message: string | null;
  readonly moved: string | null;
  readonly deadlineAtMs: number | null;
  readonly demand: string | null;
}

export interface Announcement {
  readonly text: string;
  /** Interrupts what is being read: the call, and its last seconds. */
  readonly isUrgent: boolean;
}

export const nothingAnnounced: Announced = {
  screen: '',
  tenth: -1,
  text: '',
  atMs: 0,
  hurried: false,
  message: null,
  moved: null,
  deadlineAtMs: null,
  demand: null,
};

const betweenMs = 60_000;
/** A deadline that rises by less is the same one, sent again. */
const extensionMsMin = 1_000;

const stopOf = (tag: string): string => {
  if (tag === 'ja' || tag.startsWith('zh')) return '。';
  return tag === 'th' ? ' ' : '. ';
};

/** One text of several: a stop of the language where the part before has none of its own. */
export const joinSentences = (parts: readonly string[], tag: string): string =>
  parts
    .filter(part => part !== '')
    .reduce((text, part) => {
      if (text === '') return part;
      return text + (/[.!?…。！？।؟]$/.test(text) ? ' ' : stopOf(tag)) + part;
    }, '');

export const announce = (
  last: Announced,
  view: View,
  hurryText: string,
  tag: string,
  nowMs: number,
): { readonly announced: Announced; readonly announcement: Announcement | null } => {
  const { screen, message, moved, demand } = view;
  const tenth = view.progress === null ? -1 : Math.floor(view.progress * 10);
  const hurried = view.hurrySeconds !== null;
  const isNewScreen = screen !== last.screen;
  const isHurryStarting = hurried && !last.hurried && !isNewScreen;
  const isFurther = tenth > last.tenth || nowMs - last.atMs >= betweenMs;
  // A clock that stands has no deadline, and goes on with a later one.
  const deadlineAtMs = view.deadlineAtMs ?? (isNewScreen ? null : last.deadlineAtMs);
  const isExtended =
    !isNewScreen && last.deadlineAtMs !== null && (deadlineAtMs ?? 0) - last.deadlineAtMs >= extensionMsMin;
  const isDemand = demand !== null && last.demand === null;
  const news = [message === last.message ? '' : message, moved === last.moved ? '' : moved, isDemand ? demand : ''].map(
    text => text ?? '',
  );
  const seen = { ...last, screen, hurried, deadlineAtMs, message, moved, demand };
  const isNews = news.some(text => text !== '');
  if (!isNewScreen && !isHurryStarting && !isFurther && !isExtended && !isNews) {
    return { announced: seen, announcement: null };
  }
  const isState = isNewScreen || isFurther || isExtended;
  const facts = isExtended ? [] : view.facts.slice(0, 1).map(fact => fact.join(': '));
  const state = isState ? [view.figure?.spoken ?? '', ...facts] : [];
  const title = isNewScreen ? [view.headline, view.lead] : [];
  const text = joinSentences(isHurryStarting ? [hurryText, ...news] : [...title, ...news, ...state], tag);
  if (text === last.text && !isNews) return { announced: seen, announcement: null };
  return {
    announced: { ...seen, tenth: isState ? tenth : last.tenth, text, atMs: isState ? nowMs : last.atMs },
    announcement: { text, isUrgent: isHurryStarting || isDemand || (isNewScreen && screen === 'called') },
  };
};
