// For the shop's own pages, by the shop's choice: shows how long the turn lasts and offers more time before it ends.
// <script src="/_junban/v1/pass-time.js?room=ID" async></script>
import type { PassTimeWording } from '../wording.ts';

/** Put before this script by the gateway, in the language asked for. */
declare const passTimeWording: PassTimeWording;

type Times = {
  readonly idleEndsAt: string;
  readonly endsAt: string;
  readonly standing: boolean;
  readonly asOf: string;
};

/** The box appears so long before an idle end, and before the end in any case. */
const idleWarningMs = 120_000;
const endWarningMs = 300_000;
const askPeriodMs = 10_000;
/** While nothing is shown, only every third time. */
const quietPeriods = 3;

const { language, direction, words } = passTimeWording;
const script = document.currentScript;
const source = script instanceof HTMLScriptElement ? script.src : '';
const address = source.replace(/pass-time\.js/, 'passes/current');

const inTime = (text: string, time: string): string => text.replace('{time}', time);

/** Whole minutes in words, with the forms of the language. */
const minutes = (count: number): string => {
  try {
    return new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(count);
  } catch {
    // A browser that knows no units.
    return `${count} min`;
  }
};

let times: Times | null = null;
/** The server's clock less this device's. */
let aheadMs = 0;
let isShown = false;
/** Where the keyboard was before it came to our button. */
let focusedBefore: EventTarget | null = null;

// Beside the body, out of its flow and with nothing of the shop's styles: the page is as it would be without us.
const host = document.createElement('junban-pass-time');
const root = host.attachShadow({ mode: 'open' });
const spoken = document.createElement('div');
const box = document.createElement('div');
const text = document.createElement('span');
const button = document.createElement('button');
host.lang = language;
host.dir = direction;
host.style.setProperty('all', 'initial', 'important');
host.style.setProperty('position', 'fixed', 'important');
host.style.setProperty('z-index', '2147483647', 'important');
spoken.setAttribute('role', 'status');
Object.assign(spoken.style, {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
});
box.setAttribute('role', 'region');
box.setAttribute('aria-label', words.name);
Object.assign(box.style, {
  position: 'fixed',
  insetInline: '1em',
  bottom: '1em',
  margin: '0 auto',
  maxWidth: '32em',
  boxSizing: 'border-box',
  padding: '0.75em 1em',
  background: '#1b1b1f',
  color: '#fff',
  border: '1px solid #fff',
  borderRadius: '0.5em',
  // The fan's own size, whatever the shop makes of it.
  font: 'medium/1.5 system-ui, sans-serif',
  fontVariantNumeric: 'tabular-nums',
  display: 'none',
  gap: '1em',
  alignItems: 'center',
  justifyContent: 'space-between',
});
Object.assign(button.style, {
  flex: 'none',
  font: 'inherit',
  fontWeight: '600',
  padding: '0.35em 0.9em',
  minHeight: '2.75em',
  border: '0',
  borderRadius: '0.35em',
  background: '#fff',
  color: '#1b1b1f',
  outlineOffset: '3px',
  cursor: 'pointer',
});
button.type = 'button';
button.textContent = words.more;
button.onclick = () => ask('POST');
button.onfocus = event => {
  focusedBefore = event.relatedTarget;
};
box.append(text, button);
root.append(spoken, box);

function ask(method: 'GET' | 'POST'): void {
  fetch(address, { method, credentials: 'same-origin', cache: 'no-store' })
    .then(answer => {
      if (answer.status === 401) return over();
      return answer.ok ? answer.json().then((given: Times) => take(given, method === 'POST')) : undefined;
    })
    // Out of reach: the next asking tells.
    .catch(() => undefined);
}

function take(given: Times, isLonger: boolean): void {
  times = given;
  aheadMs = Date.parse(given.asOf) - Date.now();
  show();
  const leftMs = Date.parse(given.idleEndsAt) - Date.parse(given.asOf);
  if (isLonger && !given.standing) hear(inTime(words.longer, minutes(Math.round(leftMs / 60_000))));
}

function over(): void {
  if (times === null) return;
  times = null;
  say(words.over, words.over, false);
}

function show(): void {
  if (times === null) return;
  if (times.standing) return say(words.standing, words.standing, false);
  const nowMs = Date.now() + aheadMs;
  const idleLeftMs = Date.parse(times.idleEndsAt) - nowMs;
  const leftMs = Date.parse(times.endsAt) - nowMs;
  const isLast = leftMs - idleLeftMs < 1_000;
  const endsInMs = Math.min(idleLeftMs, leftMs);
  if (endsInMs <= 0) return ask('GET');
  if (idleLeftMs > idleWarningMs && leftMs > endWarningMs) return hide();
  const seconds = Math.ceil(endsInMs / 1_000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const inWords = isLast ? words.last : words.left;
  say(inTime(inWords, time), inTime(inWords, minutes(Math.ceil(seconds / 60))), !isLast);
}

/** What is seen changes every second; what is heard changes by the minute. */
function say(seen: string, heard: string, hasMore: boolean): void {
  text.textContent = seen;
  hear(heard);
  if (!hasMore) giveFocusBack();
  button.style.display = hasMore ? '' : 'none';
  box.style.display = 'flex';
  isShown = true;
}

function hear(heard: string): void {
  if (spoken.textContent !== heard) spoken.textContent = heard;
}

function hide(): void {
  if (!isShown) return;
  giveFocusBack();
  hear('');
  box.style.display = 'none';
  isShown = false;
}

/** A button that goes takes the keyboard's place on the page with it, unless somebody else gets it. */
function giveFocusBack(): void {
  if (root.activeElement === button && focusedBefore instanceof HTMLElement) focusedBefore.focus();
}

document.documentElement.append(host);
ask('GET');
setInterval(show, 1_000);
let periods = 0;
setInterval(() => {
  periods += 1;
  if (document.visibilityState === 'visible' && (isShown || periods % quietPeriods === 0)) ask('GET');
}, askPeriodMs);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') ask('GET');
});
