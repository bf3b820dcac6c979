// What a screen says beside its figures: what happens next, what the fan has to know or do, and whether the page may be
// closed meanwhile.
import type { Formats } from './formats.ts';
import { fill } from './formats.ts';
import { clocksStand, instantOf } from './scene-times.ts';
import type { Scene } from './screen.ts';
import { inLineScreens, isInLine, leavableScreens } from './screen-kinds.ts';
import type { Screen } from './wording.ts';

const roseShownMs = 60_000;
/** Closing is offered only to those who have this long to wait at least. */
const closeSecondsMin = 600;
const closeRoundMs = 300_000;
const closeInLobbyMsMin = 120_000;

/** The start has been moved: its new time. */
export const movedText = (screen: Screen, { status, startMoved }: Scene, formats: Formats): string | null => {
  const startsAtMs = screen === 'lobby' && startMoved === true ? instantOf(status?.startsAt) : null;
  return startsAtMs === null ? null : fill(formats.wording.notes.moved, { time: formats.dateAndTime(startsAtMs) });
};

/** As the gateway tells it from what was committed; who calls may change meanwhile, so its end is said as about. */
const drawWaitText = ({ status }: Scene, formats: Formats): string | null => {
  const untilMs = instantOf(status?.drawWaits?.until);
  if (status?.drawWaits === undefined || untilMs === null) return null;
  const { named } = status.drawWaits;
  return fill(formats.wording.notes.drawWaits, { named, time: formats.hourAndMinute(untilMs) });
};

/** The one place that says whether the page may be closed. Nobody is told to go away shortly before the turn, nor where the ticket is kept in this page only. */
export const closingOf = (screen: Screen, scene: Scene, formats: Formats): string | null => {
  const words = formats.wording.notes;
  if (scene.status === null) return null;
  const keepOpen = screen === 'lobby' || screen === 'waiting' || screen === 'full' ? words.keepOpen : null;
  if (scene.cookiesBlocked === true) return keepOpen;
  if (screen === 'paused' || screen === 'trouble' || screen === 'drawing') return words.closeAnyTime;
  if (screen === 'lobby') {
    const startsAtMs = instantOf(scene.status.startsAt);
    return startsAtMs === null || startsAtMs - scene.nowMs > closeInLobbyMsMin ? words.closeInLobby : keepOpen;
  }
  const lowSeconds = scene.status.etaSeconds?.[0] ?? 0;
  if (screen !== 'waiting' || lowSeconds < closeSecondsMin) return keepOpen;
  const backAtMs = Math.floor((scene.nowMs + lowSeconds * 1_000) / closeRoundMs) * closeRoundMs;
  return fill(words.closeUntil, { time: formats.hourAndMinute(backAtMs) });
};

/** Without cookies the shop would send the fan back here without a place: whoever wants in is told so. */
export const demands = (screen: Screen, { cookiesBlocked, cookiesAsked }: Scene): boolean =>
  cookiesBlocked === true && cookiesAsked === true && screen === 'called';

export const noteOf = (screen: Screen, scene: Scene, formats: Formats): string | null => {
  const words = formats.wording.notes;
  if (scene.cookiesBlocked === true && leavableScreens.includes(screen) && !demands(screen, scene))
    return words.cookies;
  if (screen === 'drawing') return drawWaitText(scene, formats);
  if (screen === 'lobby') return movedText(screen, scene, formats);
  if (screen === 'called') {
    if (scene.extensionsSpent === true) return words.noMoreTime;
    if (clocksStand(scene)) return words.clockStands;
    return scene.room?.claim === 'auto' ? words.claimingByItself : words.ifMissed;
  }
  if (screen === 'entering' && clocksStand(scene)) return words.clockStands;
  if (screen === 'offline' && !isInLine(screen, scene)) return words.ifMissed;
  if (!inLineScreens.includes(screen) || scene.status === null || scene.status.ahead === null) return null;
  if (scene.roseAtMs !== null && scene.nowMs - scene.roseAtMs < roseShownMs) return words.rose;
  return scene.status.ahead === 0 ? words.next : words.count;
};
