// What is said aloud, and when: a new screen at once, in line every tenth of the way and at most each minute, never at
// every push. Pure.
import type { View } from '../describe.ts';

export interface Announced {
  readonly screen: string;
  readonly tenth: number;
  readonly text: string;
  readonly atMs: number;
  readonly hurried: boolean;
}

export interface Announcement {
  readonly text: string;
  /** Interrupts what is being read: the call, and its last seconds. */
  readonly isUrgent: boolean;
}

export const nothingAnnounced: Announced = { screen: '', tenth: -1, text: '', atMs: 0, hurried: false };

const betweenMs = 60_000;

const textOf = (view: View, withLead: boolean): string =>
  [
    withLead ? `${view.headline}. ${view.lead}` : '',
    view.figure?.spoken ?? '',
    ...view.facts.slice(0, 1).map(fact => fact.join(': ')),
  ]
    .filter(part => part !== '')
    .join('. ');

export const announce = (
  last: Announced,
  view: View,
  hurryText: string,
  nowMs: number,
): { readonly announced: Announced; readonly announcement: Announcement | null } => {
  const tenth = view.progress === null ? -1 : Math.floor(view.progress * 10);
  const hurried = view.hurrySeconds !== null;
  const isNewScreen = view.screen !== last.screen;
  const isHurryStarting = hurried && !last.hurried && !isNewScreen;
  const isFurther = tenth > last.tenth || nowMs - last.atMs >= betweenMs;
  const quiet = { announced: { ...last, hurried }, announcement: null };
  if (!isNewScreen && !isHurryStarting && !isFurther) return quiet;
  const text = isHurryStarting ? hurryText : textOf(view, isNewScreen);
  if (text === last.text) return quiet;
  const isUrgent = isHurryStarting || (isNewScreen && view.screen === 'called');
  return {
    announced: { screen: view.screen, tenth, text, atMs: nowMs, hurried },
    announcement: { text, isUrgent },
  };
};
