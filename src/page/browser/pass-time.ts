// For the shop's own pages, by the shop's choice: shows how long the turn lasts and offers more time before it ends.
// <script src="/_junban/v1/pass-time.js?room=ID" async></script>

type Times = {
  readonly idleEndsAt: string;
  readonly endsAt: string;
  readonly standing: boolean;
  readonly asOf: string;
};

/** The box appears so long before an idle end, and before the end in any case. */
const idleWarningMs = 120_000;
const endWarningMs = 300_000;
const askPeriodMs = 30_000;

const wording = {
  en: {
    left: (time: string) => `Your time in the shop ends in ${time}.`,
    last: (time: string) => `Your time in the shop ends in ${time} and cannot be made longer.`,
    standing: 'The shop has trouble. Your time stands still.',
    more: 'Stay longer',
    over: 'Your time in the shop is over. Load the page to go on.',
  },
  ja: {
    left: (time: string) => `ご利用時間はあと ${time} です。`,
    last: (time: string) => `ご利用時間はあと ${time} です。延長はできません。`,
    standing: 'ただいま混み合っています。ご利用時間は止まっています。',
    more: '延長する',
    over: 'ご利用時間が終わりました。ページを再読み込みしてください。',
  },
};

const script = document.currentScript;
const source = script instanceof HTMLScriptElement ? script.src : '';
const address = source.replace(/pass-time\.js/, 'passes/current');
const words = document.documentElement.lang.startsWith('ja') ? wording.ja : wording.en;

let times: Times | null = null;
/** The server's clock less this device's. */
let aheadMs = 0;
let shown = '';

const host = document.createElement('div');
const root = host.attachShadow({ mode: 'open' });
const box = document.createElement('div');
const text = document.createElement('span');
const button = document.createElement('button');
box.setAttribute('role', 'status');
Object.assign(box.style, {
  position: 'fixed',
  insetInline: '1rem',
  bottom: '1rem',
  zIndex: '2147483647',
  margin: '0 auto',
  maxWidth: '32rem',
  padding: '0.75rem 1rem',
  background: '#1b1b1f',
  color: '#fff',
  borderRadius: '0.5rem',
  font: '1rem/1.5 system-ui, sans-serif',
  display: 'flex',
  gap: '1rem',
  alignItems: 'center',
  justifyContent: 'space-between',
});
Object.assign(button.style, { font: 'inherit', padding: '0.35rem 0.9rem', minHeight: '2.75rem', cursor: 'pointer' });
button.type = 'button';
button.textContent = words.more;
button.onclick = () => ask('POST');
text.setAttribute('aria-hidden', 'true');
const spoken = document.createElement('span');
Object.assign(spoken.style, {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
});
box.append(spoken, text, button);

function ask(method: 'GET' | 'POST'): void {
  fetch(address, { method, credentials: 'same-origin', cache: 'no-store' })
    .then(answer => {
      if (answer.status === 401) return over();
      return answer.ok ? answer.json().then(take) : undefined;
    })
    // Out of reach: the next asking tells.
    .catch(() => undefined);
}

function take(given: Times): void {
  times = given;
  aheadMs = Date.parse(given.asOf) - Date.now();
  show();
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
  const minute = `${Math.ceil(seconds / 60)} min`;
  say((isLast ? words.last : words.left)(time), (isLast ? words.last : words.left)(minute), !isLast);
}

/** What is seen changes every second; what is spoken changes by the minute. */
function say(seen: string, heard: string, hasMore: boolean): void {
  text.textContent = seen;
  if (spoken.textContent !== heard) spoken.textContent = heard;
  button.hidden = !hasMore;
  button.style.display = hasMore ? '' : 'none';
  if (shown === '') {
    root.append(box);
    document.body.append(host);
  }
  shown = seen;
}

function hide(): void {
  if (shown === '') return;
  host.remove();
  shown = '';
}

ask('GET');
setInterval(show, 1_000);
setInterval(() => {
  if (document.visibilityState === 'visible') ask('GET');
}, askPeriodMs);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') ask('GET');
});
