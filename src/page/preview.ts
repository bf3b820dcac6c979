// All screens of a room's page beside each other, as the fans will see them: for the operator, who looks at colours and
// words before the day. Each is the page itself in a frame of its own that connects to nothing.
import { createHash } from 'node:crypto';
import type { PageEvent } from './browser/state.ts';
import { escapeHtml } from './markup.ts';
import type { Status } from './status.ts';
import type { Notice } from './visit.ts';
import type { WaitingPage } from './waiting-page.ts';
import type { Screen } from './wording.ts';

export interface Preview {
  readonly html: string;
  readonly policy: string;
}

/** A screen and what the page has to be told to show it. */
export interface Sample {
  readonly screen: Screen;
  readonly events: readonly PageEvent[];
}

const minuteMs = 60_000;

export const samplesAt = (room: string, nowMs: number): readonly Sample[] => {
  const inMs = (spanMs: number): string => new Date(nowMs + spanMs).toISOString();
  const usual: Status = {
    ...{ v: 1, room, phase: 'open', paused: false, state: 'waiting', number: 18_204, place: 6_011, ahead: 5_420 },
    ...{ total: 18_951, etaSeconds: [2_100, 2_900], pacePerMinute: 120, startsAt: inMs(-40 * minuteMs), claimBy: null },
    ...{ message: null, asOf: inMs(0), checking: false, next: 1_000 },
  };
  const of = (screen: Screen, change: Partial<Status>, ...more: readonly PageEvent[]): Sample => ({
    screen,
    events: [{ kind: 'status', status: { ...usual, ...change }, atMs: nowMs }, { kind: 'opened' }, ...more],
  });
  const noticed = (screen: Screen, notice: Notice): Sample => ({
    screen,
    events: [{ kind: 'notice', notice: { asOf: inMs(0), ...notice }, atMs: nowMs }],
  });
  const before = { phase: 'lobby', state: 'lobby', place: null, ahead: null, etaSeconds: null } as const;
  const called = { state: 'called', ahead: 0, etaSeconds: null, claimBy: inMs(5 * minuteMs) } as const;
  return [
    noticed('closed', { kind: 'room-closed', opensAt: inMs(50 * 60 * minuteMs) }),
    of('lobby', { ...before, startsAt: inMs(36 * minuteMs) }),
    of('drawing', { ...before, startsAt: inMs(-1_000) }),
    of('waiting', {}),
    of('near', { ahead: 14, etaSeconds: [20, 55] }),
    of('called', called),
    of('entering', { ...called, state: 'entering' }),
    of('admitted', { state: 'admitted', ahead: 0 }),
    of('missed', { state: 'missed', ahead: 3, etaSeconds: null }),
    of('paused', { paused: true, etaSeconds: null }),
    of('full', { calling: false, full: true, etaSeconds: null }),
    of('trouble', { shopFailing: true, etaSeconds: null }),
    of('sold-out', { stock: [{ name: 'A', remaining: 0 }] }),
    of('checking', { checking: true, asOf: inMs(-minuteMs) }),
    of('offline', {}, { kind: 'lost', atMs: nowMs }),
    of('left', { state: 'left', ahead: null }),
    of('ended', { state: 'ended', phase: 'ended', ahead: null }),
    of('superseded', {}, { kind: 'barred', bar: 'superseded' }),
    of('invalid', {}, { kind: 'barred', bar: 'invalid' }),
    noticed('busy', { kind: 'busy' }),
    noticed('store-unavailable', { kind: 'store-unavailable' }),
    noticed('shop-trouble', { kind: 'shop-trouble' }),
    noticed('not-found', { kind: 'not-found' }),
  ];
};

const style =
  'body{margin:1rem;font:14px system-ui,sans-serif;background:#777;color:#fff}' +
  'main{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{padding:.25rem 0}' +
  'iframe{width:360px;height:740px;border:0;border-radius:12px;background:#fff}select,button{font:inherit}';

/** The waiting screen alone with a message of the operator's on it, for a frame in the console. */
export const renderMessagePreview = (
  page: WaitingPage,
  room: string,
  { language: asked, message }: { readonly language: string | null; readonly message: string },
  nowMs: number,
): Preview => {
  const rendering = { language: page.negotiateLanguage('', asked ?? undefined), encoding: 'identity' } as const;
  const waiting = samplesAt(room, nowMs).find(({ screen }) => screen === 'waiting');
  const preview = (waiting?.events ?? []).map(event =>
    event.kind === 'status' ? { ...event, status: { ...event.status, message } } : event,
  );
  const html = Buffer.from(page.renderNotice({ ...rendering, kind: 'busy', preview })).toString();
  return { html, policy: policyOf(page, rendering).replace("frame-ancestors 'none'", "frame-ancestors 'self'") };
};

const policyOf = (page: WaitingPage, rendering: Parameters<WaitingPage['headers']>[0]): string =>
  page.headers(rendering).find(([name]) => name === 'content-security-policy')?.[1] ?? '';

/** In the language asked for, or the room's own. */
export const renderPreview = (page: WaitingPage, room: string, asked: string | null, nowMs: number): Preview => {
  const language = page.negotiateLanguage('', asked ?? undefined);
  const rendering = { language, encoding: 'identity' } as const;
  const frames = samplesAt(room, nowMs).map(({ screen, events }) => {
    const body = page.renderNotice({ ...rendering, kind: 'busy', preview: events });
    const inside = escapeHtml(Buffer.from(body).toString());
    return `<figure><figcaption>${screen}</figcaption><iframe sandbox="allow-scripts" title="${screen}" srcdoc="${inside}"></iframe></figure>`;
  });
  const options = page.languages.map(tag => `<option${tag === language ? ' selected' : ''}>${tag}</option>`).join('');
  const form = `<form><input type="hidden" name="room" value="${escapeHtml(room)}"><label>Language <select name="language">${options}</select></label> <button>Show</button></form>`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview of ${escapeHtml(room)}</title><meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head><body><h1>Room ${escapeHtml(room)}: every screen of its page</h1>${form}<main>${frames.join('')}</main></body></html>\n`;
  const hash = createHash('sha256').update(style).digest('base64');
  return { html, policy: policyOf(page, rendering).replace('style-src ', `style-src 'sha256-${hash}' `) };
};
