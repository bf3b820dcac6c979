// From a scene to the words and figures on the screen. Pure, and the same for the browser and for the page without
// JavaScript; it invents no number: what STATUS does not say is not shown.
import type { Formats } from './formats.ts';
import { fill } from './formats.ts';
import { type Scene, screenOf } from './screen.ts';
import type { Status } from './status.ts';
import { ticketCode } from './ticket-code.ts';
import type { Screen } from './wording.ts';

export type Action = 'claim' | 'here' | 'go' | 'rejoin' | 'resume' | 'retry';
export type Tone = 'calm' | 'call' | 'still' | 'end';

export interface Figure {
  readonly before: string;
  readonly value: string;
  readonly after: string;
  /** The same as one sentence, for those who listen. */
  readonly spoken: string;
}

/** What the page without JavaScript shows of it. */
export type PlainView = Pick<View, 'screen' | 'headline' | 'lead' | 'figure' | 'facts' | 'message'>;

export interface View {
  readonly screen: Screen;
  readonly tone: Tone;
  readonly title: string;
  readonly headline: string;
  readonly lead: string;
  readonly figure: Figure | null;
  /** 0 to 1 since this device joined; null where it means nothing. */
  readonly progress: number | null;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly note: string | null;
  /** The start has been moved, with its new time; the note says it too. */
  readonly moved: string | null;
  /** The end of the clock that runs for entering. */
  readonly deadlineAtMs: number | null;
  /** Whether the page may be closed, and until when. */
  readonly closing: string | null;
  /** What the fan has to do before the button can do anything; said where it was tapped. */
  readonly demand: string | null;
  /** Whole seconds left to enter, from 30 s on. */
  readonly hurrySeconds: number | null;
  readonly message: string | null;
  readonly button: { readonly action: Action; readonly label: string } | null;
  readonly canExtend: boolean;
  readonly canLeave: boolean;
  /** Sound and the like may be asked for: the turn is still to come. */
  readonly canAlert: boolean;
  readonly canCheckDraw: boolean;
  readonly connectionText: string;
}

/** WCAG 2.2.1 wants 20 s for the answer to a warning; the rest is for hearing of it. */
export const hurryFromMs = 30_000;
const roseShownMs = 60_000;
/** Closing is offered only to those who have this long to wait at least. */
const closeSecondsMin = 600;
const closeRoundMs = 300_000;
const closeInLobbyMsMin = 120_000;

const toneOf: Readonly<Record<Screen, Tone>> = {
  closed: 'calm',
  lobby: 'calm',
  drawing: 'calm',
  waiting: 'calm',
  near: 'calm',
  called: 'call',
  entering: 'call',
  missed: 'still',
  admitted: 'call',
  paused: 'still',
  full: 'still',
  trouble: 'still',
  'sold-out': 'still',
  checking: 'still',
  offline: 'still',
  left: 'end',
  ended: 'end',
  superseded: 'end',
  invalid: 'end',
  'shop-trouble': 'still',
  'not-found': 'end',
  'store-unavailable': 'still',
  busy: 'calm',
};

const inLineScreens: readonly Screen[] = [
  'waiting',
  'near',
  'paused',
  'full',
  'trouble',
  'sold-out',
  'checking',
  'offline',
];
const leavableScreens: readonly Screen[] = [...inLineScreens, 'lobby', 'drawing', 'called', 'missed'];

const checkableScreens: readonly Screen[] = [...inLineScreens, 'called', 'missed', 'ended'];

const instantOf = (text: string | null | undefined): number | null => {
  const atMs = text === null || text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? null : atMs;
};

const clocksStand = (scene: Scene): boolean => scene.status?.paused === true || scene.status?.shopFailing === true;

export const leftToEnterMs = (scene: Scene): number | null => {
  const claimByMs = instantOf(scene.status?.claimBy);
  return claimByMs === null ? null : Math.max(0, claimByMs - scene.nowMs);
};

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

/** A call that ran out without a connection is over, and what stands ahead of the next one is not known. */
const isInLine = (screen: Screen, { status }: Scene): boolean =>
  inLineScreens.includes(screen) && status?.state !== 'called' && status?.state !== 'entering';

/** That a clock stands is said only while it does. // AP82 */
const leadOf = (screen: Screen, { notice }: Scene, { wording }: Formats): string => {
  const { lead } = wording.screens[screen];
  if (screen !== 'shop-trouble') return lead;
  return fill(lead, { pass: notice?.clockStands === true ? wording.notes.passStands : wording.notes.passKept });
};

const figureOf = (screen: Screen, scene: Scene, formats: Formats): Figure | null => {
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

const factsOf = (screen: Screen, scene: Scene, formats: Formats): View['facts'] => {
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

const movedText = (screen: Screen, { status, startMoved }: Scene, formats: Formats): string | null => {
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
const closingOf = (screen: Screen, scene: Scene, formats: Formats): string | null => {
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
const demands = (screen: Screen, { cookiesBlocked, cookiesAsked }: Scene): boolean =>
  cookiesBlocked === true && cookiesAsked === true && screen === 'called';

const noteOf = (screen: Screen, scene: Scene, formats: Formats): string | null => {
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

const buttonOf = (screen: Screen, scene: Scene, formats: Formats): View['button'] => {
  const words = formats.wording.buttons;
  // What was tapped and has no answer yet. // PG173
  const waits = scene.claiming === 'asking' ? ' …' : '';
  switch (screen) {
    case 'called':
      return scene.room?.claim === 'auto' ? null : { action: 'claim', label: words.claim + waits };
    case 'missed':
      return { action: 'here', label: words.here + waits };
    case 'admitted':
      return scene.claiming === 'stuck' ? { action: 'go', label: words.go } : null;
    case 'left':
    case 'invalid':
      return { action: 'rejoin', label: words.rejoin };
    case 'superseded':
      return { action: 'resume', label: words.resume };
    case 'shop-trouble':
      return { action: 'retry', label: words.retry };
    default:
      return null;
  }
};

/** Of when the numbers are, where they are not of now. */
export const agedText = ({ status, nowMs }: Scene, { wording, timeOfDay, ago }: Formats): string => {
  const asOfMs = instantOf(status?.asOf);
  if (asOfMs === null) return '';
  return fill(wording.connection.asOf, { time: timeOfDay(asOfMs), ago: ago(nowMs - asOfMs) });
};

const connectionTextOf = (screen: Screen, scene: Scene, formats: Formats): string => {
  const { status, connection } = scene;
  const words = formats.wording.connection;
  const asOfMs = instantOf(status?.asOf);
  if (status === null || scene.bar !== 'none' || asOfMs === null || toneOf[screen] === 'end') return '';
  if (connection === 'lost') return `${words.lost} ${agedText(scene, formats)}`;
  if (status.checking) return agedText(scene, formats);
  if (connection === 'connecting') return words.connecting;
  return connection === 'live' ? fill(words.live, { time: formats.timeOfDay(asOfMs) }) : '';
};

const progressOf = (screen: Screen, scene: Scene): number | null => {
  const ahead = scene.status?.ahead ?? null;
  if (ahead === null || scene.aheadAtFirst === null || !isInLine(screen, scene)) return null;
  return scene.aheadAtFirst === 0 ? 1 : Math.min(1, Math.max(0, (scene.aheadAtFirst - ahead) / scene.aheadAtFirst));
};

const titleOf = (screen: Screen, figure: Figure | null, scene: Scene, formats: Formats): string => {
  const { titles } = formats.wording;
  const name = scene.room?.name === undefined ? '' : ` – ${scene.room.name}`;
  if (toneOf[screen] === 'call') return `● ${titles.called}${name}`;
  const ahead = figure !== null && inLineScreens.includes(screen);
  return (ahead ? fill(titles.ahead, { n: figure.value }) : titles.plain) + name;
};

/** Where a room has committed itself, those who came after the draw may look too; a place that was drawn shows it as well. */
const canCheckDraw = (screen: Screen, { status, draws }: Scene): boolean =>
  status !== null &&
  status.place !== null &&
  checkableScreens.includes(screen) &&
  (draws === true || status.place !== status.number);

/** The operator's text in the reader's language, else the one for all. */
const messageFor = (status: Status | null, tag: string): string | null =>
  status?.messages?.[tag] ?? status?.messages?.[tag.split('-')[0] ?? ''] ?? status?.message ?? null;

/** What the page without JavaScript shows: made for every device in the rush, so nothing else is worked out for it. */
export const describePlain = (scene: Scene, formats: Formats): PlainView => {
  const screen = screenOf(scene);
  return {
    screen,
    headline: formats.wording.screens[screen].headline,
    lead: leadOf(screen, scene, formats),
    figure: figureOf(screen, scene, formats),
    facts: factsOf(screen, scene, formats),
    message: messageFor(scene.status, formats.wording.tag) ?? scene.notice?.message ?? null,
  };
};

export const describe = (scene: Scene, formats: Formats): View => {
  const plain = describePlain(scene, formats);
  const { screen, figure } = plain;
  const isCounting = screen === 'called' && figure !== null;
  const leftMs = isCounting ? leftToEnterMs(scene) : null;
  const isHurried = leftMs !== null && leftMs <= hurryFromMs;
  return {
    ...plain,
    tone: toneOf[screen],
    title: titleOf(screen, figure, scene, formats),
    progress: progressOf(screen, scene),
    note: noteOf(screen, scene, formats),
    moved: movedText(screen, scene, formats),
    deadlineAtMs: isCounting ? instantOf(scene.status?.claimBy) : null,
    closing: closingOf(screen, scene, formats),
    demand: demands(screen, scene) ? formats.wording.notes.cookies : null,
    hurrySeconds: isHurried ? Math.ceil(leftMs / 1_000) : null,
    button: buttonOf(screen, scene, formats),
    canExtend: isHurried && scene.room?.extension === true && scene.extensionsSpent !== true,
    canLeave: leavableScreens.includes(screen) && scene.claiming === 'idle',
    canAlert: inLineScreens.includes(screen) || screen === 'lobby' || screen === 'drawing',
    canCheckDraw: canCheckDraw(screen, scene),
    connectionText: connectionTextOf(screen, scene, formats),
  };
};
