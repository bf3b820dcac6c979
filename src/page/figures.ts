// The figures of a screen: the large one, and the facts below it. It invents none: what STATUS does not say is not shown.
import type { Formats } from './formats.ts';
import { clocksStand, instantOf } from './scene-times.ts';
import type { Scene } from './screen.ts';
import { inLineScreens, isInLine, leavableScreens } from './screen-kinds.ts';
import { ticketCode } from './ticket-code.ts';
import type { Screen } from './wording.ts';

export interface Figure {
  readonly before: string;
  readonly value: string;
  readonly after: string;
  /** The same as one sentence, for those who listen. */
  readonly spoken: string;
}

export type Facts = readonly (readonly [label: string, value: string])[];

const countdownFigure = (untilMs: number | null, scene: Scene, label: string, formats: Formats): Figure | null => {
  if (untilMs === null) return null;
  const value = formats.countdown(untilMs - scene.nowMs);
  return { before: '', value, after: label, spoken: `${value} ${label}` };
};

const aheadFigure = (scene: Scene, formats: Formats): Figure | null => {
  const ahead = scene.status?.ahead ?? null;
  if (ahead === null) return null;
  const { aheadBefore, aheadAfter } = formats.wording.figure;
  const value = formats.number(ahead);
  const after = formats.plural(aheadAfter, ahead);
  return { before: aheadBefore, value, after, spoken: `${aheadBefore} ${value} ${after}`.trim() };
};

export const figureOf = (screen: Screen, scene: Scene, formats: Formats): Figure | null => {
  const words = formats.wording.figure;
  if (screen === 'closed') return countdownFigure(instantOf(scene.notice?.opensAt), scene, words.untilOpening, formats);
  if (screen === 'lobby') return countdownFigure(instantOf(scene.status?.startsAt), scene, words.untilStart, formats);
  if (screen === 'called' && !clocksStand(scene) && scene.room?.claim !== 'auto') {
    return countdownFigure(instantOf(scene.status?.claimBy), scene, words.leftToEnter, formats);
  }
  return isInLine(screen, scene) ? aheadFigure(scene, formats) : null;
};

const estimateText = (screen: Screen, scene: Scene, formats: Formats): string => {
  const words = formats.wording.facts;
  if (screen === 'paused' || screen === 'full' || screen === 'trouble') return words.standsStill;
  const range = scene.status?.etaSeconds ?? null;
  // There is an estimate from the first instant on, and none only where nobody is let in. // LN30 LN32
  return range === null ? words.standsStill : formats.estimate(range);
};

const isMoving = (screen: Screen): boolean => screen === 'waiting' || screen === 'near' || screen === 'sold-out';

const remainingText = (remaining: number, { wording: { facts }, plural }: Formats): string =>
  remaining === 0 ? facts.soldOut : plural(facts.remaining, remaining);

export const factsOf = (screen: Screen, scene: Scene, formats: Formats): Facts => {
  const { status, notice } = scene;
  const words = formats.wording.facts;
  const facts: (readonly [string, string])[] = [];
  const opensAtMs = screen === 'closed' ? instantOf(notice?.opensAt) : null;
  if (opensAtMs !== null) facts.push([words.opensAt, formats.dateAndTime(opensAtMs)]);
  if (status === null) return facts;
  if (isInLine(screen, scene) && status.ahead !== null)
    facts.push([words.estimate, estimateText(screen, scene, formats)]);
  if (screen === 'lobby') {
    const startsAtMs = instantOf(status.startsAt);
    if (startsAtMs !== null) facts.push([words.startsAt, formats.dateAndTime(startsAtMs)]);
    if (status.total !== null) facts.push([words.here, formats.plural(words.people, status.total)]);
  }
  // A line that nobody can say a wait of has no pace either. // LN140
  const { calledPerMinute = status.pacePerMinute } = status;
  if (isMoving(screen) && calledPerMinute !== null && status.etaSeconds !== null) {
    facts.push([words.pace, formats.plural(words.perMinute, calledPerMinute)]);
  }
  if (leavableScreens.includes(screen) && status.number !== null) {
    facts.push([words.code, ticketCode(status.number)]);
  }
  if (inLineScreens.includes(screen))
    for (const { name, remaining } of status.stock ?? [])
      if (remaining !== null) facts.push([name, remainingText(remaining, formats)]);
  return facts;
};
