// From a scene to the words and figures on the screen. Pure, and the same for the browser and for the page without
// JavaScript; it invents no number: what STATUS does not say is not shown.
import { type Facts, type Figure, factsOf, figureOf } from './figures.ts';
import type { Formats } from './formats.ts';
import { fill } from './formats.ts';
import { closingOf, demands, movedText, noteOf } from './notes.ts';
import { instantOf, leftToEnterMs } from './scene-times.ts';
import { type Scene, screenOf } from './screen.ts';
import { checkableScreens, inLineScreens, isInLine, leavableScreens, type Tone, toneOf } from './screen-kinds.ts';
import type { Status } from './status.ts';
import type { Screen } from './wording.ts';

export type Action = 'claim' | 'here' | 'go' | 'rejoin' | 'resume' | 'retry';

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
  readonly facts: Facts;
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
const hurryFromMs = 30_000;

/** That a clock stands is said only while it does. // AP82 */
const leadOf = (screen: Screen, { notice }: Scene, { wording }: Formats): string => {
  const { lead } = wording.screens[screen];
  if (screen !== 'shop-trouble') return lead;
  return fill(lead, { pass: notice?.clockStands === true ? wording.notes.passStands : wording.notes.passKept });
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
