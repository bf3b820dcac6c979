// The documents that the gateway sends: size, policy, escaping, and the page without JavaScript.
import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { plainLook } from '../../../src/page/look.ts';
import { buildWaitingPage, type PageNotice } from '../../../src/page/waiting-page.ts';
import { aStatus, nowMs } from './a-status.ts';

const page = await buildWaitingPage({ prefix: '/_junban', room: { id: 'sale', claim: 'confirm', name: 'Festival' } });
const plain = { language: 'en', encoding: 'identity' } as const;
const seen = { ...plain, nowMs };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const render = (change: Parameters<typeof aStatus>[0] = {}, returnTo = '/tickets?day=1'): string =>
  text(page.render({ ...seen, status: aStatus(change), returnTo }));
const notice = (given: Omit<PageNotice, 'language' | 'encoding'>): string =>
  text(page.renderNotice({ ...plain, ...given }));
const dataOf = (html: string, id: string): unknown =>
  JSON.parse(new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, 's').exec(html)?.[1] ?? '');
const noscriptOf = (html: string): string => /<noscript>(.*)<\/noscript>/s.exec(html)?.[1] ?? '';

const ticket = 'x'.repeat(280);
const links = [{ url: '/help', text: 'Help' }];

test.each(page.languages)('[PG17] the page in %s is at most 20 KB compressed and asks for nothing else', language => {
  const bytes = page.render({
    language,
    encoding: 'gzip',
    nowMs,
    status: aStatus(),
    returnTo: '/tickets?day=1',
    ticket,
  });
  expect(bytes.length).toBeLessThanOrEqual(20_480);
  const html = gunzipSync(bytes).toString();
  expect(html).toBe(text(page.render({ ...seen, language, status: aStatus(), returnTo: '/tickets?day=1', ticket })));
  expect(html).toContain(`<html lang="${language}"`);
  expect(html.match(/\b(src|href|action)="(?!data:|\/_junban\/)[^"]*"/g)).toBeNull();
  expect(html.match(/@import|url\(/g)).toBeNull();
});

test('[PG121] the page is served in Brotli where a client takes it, also where it takes nothing else', async () => {
  await page.whenCompressed('de');
  const visit = { language: 'de', nowMs, status: aStatus(), returnTo: '/', ticket } as const;
  const both = page.render({ ...visit, encoding: 'br' });
  expect(brotliDecompressSync(both).toString()).toBe(text(page.render({ ...visit, encoding: 'identity' })));
  expect(both.length).toBeLessThan(page.render({ ...visit, encoding: 'gzip' }).length);
  expect(page.chooseEncoding('de', { br: true, gzip: true })).toBe('br');
  expect(page.chooseEncoding('de', { br: true, gzip: false })).toBe('br');
  expect(page.chooseEncoding('de', { br: false, gzip: true })).toBe('gzip');
  expect(page.chooseEncoding('de', { br: false, gzip: false })).toBe('identity');
  expect(new Map(page.headers({ language: 'de', encoding: 'br' })).get('content-encoding')).toBe('br');
});

test('[PG121] the headers as lines are the headers', () => {
  const [name, lines] = page.headerLines({ language: 'ja', encoding: 'gzip' });
  const headers = page.headers({ language: 'ja', encoding: 'gzip' });
  expect(`${name}: ${text(lines)}`.split('\r\n')).toEqual(headers.map(header => header.join(': ')));
});

test('[PG18] the policy names the very script and style, and nothing else may run', () => {
  const headers = new Map(page.headers({ language: 'ja', encoding: 'gzip' }));
  const policy = headers.get('content-security-policy') ?? '';
  const hash = (content: string | undefined): string =>
    `'sha256-${createHash('sha256')
      .update(content ?? '')
      .digest('base64')}'`;
  for (const html of [render(), text(page.render({ ...seen, language: 'ja', status: aStatus(), returnTo: '/' }))]) {
    expect(policy).toContain(`script-src ${hash(/<script>(.*?)<\/script>/s.exec(html)?.[1])};`);
    expect(policy).toContain(`style-src ${hash(/<style>(.*?)<\/style>/s.exec(html)?.[1])};`);
    expect(html).not.toMatch(/ style="| on[a-z]+="/);
  }
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  // The check of the draw is a worker, which sees nothing of the page.
  expect(policy).toContain("worker-src 'self'; child-src 'self'; frame-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-encoding': 'gzip',
    'content-language': 'ja',
    'content-type': 'text/html; charset=utf-8',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
  });
  expect(new Map(page.headers(plain)).has('content-encoding')).toBe(false);
});

const nasty = `</script><script>alert(1)</script><!-- " ' & \u2028`;

test('[PG19] no message, address or ticket gets out of its place in the document', () => {
  const status = aStatus({ message: nasty, state: 'called' });
  const html = text(page.render({ ...seen, status, returnTo: `/t?q=${nasty}`, ticket: nasty }));
  expect(html).not.toContain('<script>alert');
  expect(html).not.toContain('<!-- ');
  expect(dataOf(html, 'status')).toEqual(status);
  expect(dataOf(html, 'visit')).toMatchObject({ returnTo: `/t?q=${nasty}`, ticket: nasty });
});

test('[PG19] a status that comes encoded gives the same document', () => {
  const fields = aStatus({ message: nasty });
  const given = { json: JSON.stringify(fields), fields };
  expect(text(page.render({ ...seen, status: given, returnTo: '/t' }))).toBe(render({ message: nasty }, '/t'));
});

test('[PG20] without JavaScript the page shows place and estimate and refreshes itself, spread over the devices', () => {
  const html = noscriptOf(render({ number: 18_204 }));
  expect(html).toContain('<b>5,420</b> <span>people ahead of you</span>');
  expect(html).toContain('about 35 to 50 minutes');
  expect(html).toContain('<meta http-equiv="refresh" content="19;url=/tickets?day=1">');
  expect(noscriptOf(render({ number: 18_207 }))).toContain('content="22;url=');
  expect(html).not.toContain('<form');
});

test('[PG20] without JavaScript the turn is taken by a form that names the address to go on to', () => {
  const html = noscriptOf(render({ state: 'called', ahead: 0 }, '/t?a=1&b="2"'));
  expect(html).toContain('<form method="post" action="/_junban/v1/passes?room=sale">');
  expect(html).toContain('value="/t?a=1&amp;b=&quot;2&quot;"');
  expect(html).toContain('<button>Enter now</button>');
});

test('[PG175] who was let in by the form is led on by a page with a link, and with no form', () => {
  const status = aStatus({ state: 'admitted', ahead: 0 });
  const html = noscriptOf(text(page.render({ ...seen, status, returnTo: '/t?a=1&b=2', goesOn: true })));
  expect(html).toContain('<meta http-equiv="refresh" content="0;url=/t?a=1&amp;b=2">');
  expect(html).toContain('<h1>Taking you to the shop</h1>');
  expect(html).toContain('<a href="/t?a=1&amp;b=2">Go to the shop</a>');
  expect(html).not.toContain('<form');
});

test('[PG122] without JavaScript a room that enters by itself has a clock, a button and, near the end, more time', async () => {
  const room = { id: 'sale', claim: 'auto', extension: true } as const;
  const auto = await buildWaitingPage({ prefix: '/_junban', room, look: { ...plainLook, name: 'Festival', links } });
  const called = (leftMs: number): string => {
    const status = aStatus({ state: 'called', ahead: 0, claimBy: new Date(nowMs + leftMs).toISOString() });
    return text(auto.render({ ...seen, status, returnTo: '/t' }));
  };
  const html = noscriptOf(called(272_000));
  expect(html).toContain('<b>4:32</b> <span>left to enter</span>');
  expect(html).toContain('<button>Enter now</button>');
  expect(html).not.toContain('more time');
  expect(noscriptOf(called(59_000))).toMatch(
    /<form method="post" action="\/_junban\/v1\/tickets\/current\/extension\?room=sale">.*<button>I need more time<\/button>/,
  );
  // The header and the links are there for everybody; what a script fills is hidden until there is one.
  expect(called(272_000)).toMatch(/<div id="app">\n<header><p id="room" dir="auto">Festival<\/p>/);
  expect(called(272_000)).toMatch(/<main hidden>.*<footer hidden>.*<\/footer>\n<nav id="links"><a/s);
});

test('[PG171] a page with remembered numbers carries the time at which it was made, others do not', () => {
  const servedAtMs = nowMs + 95_000;
  const visitOf = (checking: boolean): unknown =>
    dataOf(text(page.render({ ...plain, status: aStatus({ checking }), returnTo: '/', nowMs: servedAtMs })), 'visit');
  expect(visitOf(true)).toMatchObject({ servedAtMs });
  expect(visitOf(false)).not.toHaveProperty('servedAtMs');
  const html = text(page.render({ ...plain, status: aStatus({ checking: true }), returnTo: '/', nowMs: servedAtMs }));
  expect(noscriptOf(html)).toMatch(/As of 1:00:00\sAM UTC, 1 minute ago/);
});

test('[PG137] without JavaScript the last known numbers carry their time, the others need none', () => {
  expect(noscriptOf(render({ checking: true }))).toMatch(/As of 1:00:00\sAM.*ago<\/p>/);
  expect(noscriptOf(render())).not.toContain('As of');
});

test('[PG170] the refresh names its address, and no address in it names another host or ends the attribute', () => {
  // Without a url, a browser whose address has a fragment takes it for a way within the document: nothing was loaded.
  const refreshOf = (returnTo: string): string | undefined =>
    /refresh" content="\d+;url=([^"]*)">/.exec(noscriptOf(render({}, returnTo)))?.[1];
  expect(refreshOf('/t?a=1&b="2";url=/x')).toBe('/t?a=1&amp;b=&quot;2&quot;;url=/x');
  expect(refreshOf('//evil.example/t')).toBe('/.//evil.example/t');
  expect(notice({ kind: 'room-closed', returnTo: '/t' })).toMatch(/refresh" content="\d+;url=\/t">/);
});

test('[PG20] a page at its end does not refresh itself', () => {
  for (const state of ['left', 'ended'] as const) expect(noscriptOf(render({ state }))).not.toContain('refresh"');
  for (const kind of ['not-found', 'room-ended'] as const)
    expect(noscriptOf(notice({ kind }))).not.toContain('refresh"');
});

test('[PG21] a notice says what happened and tries again no sooner than told', () => {
  const html = notice({ kind: 'shop-trouble', retryAfterSeconds: 40, returnTo: '/pay' });
  expect(html).toContain('Your pass is kept');
  expect(Number(/refresh" content="(\d+);url=\/pay"/.exec(html)?.[1])).toBeGreaterThanOrEqual(40);
  expect(dataOf(html, 'visit')).toMatchObject({
    returnTo: '/pay',
    notice: { kind: 'shop-trouble', retryAfterSeconds: 40 },
  });
  expect(dataOf(html, 'status')).toBeNull();
});

test.each(page.languages)('[AP82] in %s the clock of a pass is said to stand only while it does', language => {
  const said = (given: object) => {
    const html = text(page.renderNotice({ ...plain, language, kind: 'shop-trouble', ...given }));
    return noscriptOf(html);
  };
  expect(said({ clockStands: true })).not.toBe(said({}));
  for (const html of [said({}), said({ clockStands: true })]) {
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html).not.toContain('{pass}');
  }
  if (language !== 'en') return;
  expect(said({})).toContain('<p>Your pass is kept. We keep trying');
  expect(said({ clockStands: true })).toContain('<p>Your pass is kept and its clock stands still. We keep trying');
});

test('[PG21] a page of no room can show notices', async () => {
  const roomless = await buildWaitingPage({ prefix: '/_junban', room: null });
  expect(text(roomless.renderNotice({ ...plain, kind: 'not-found' }))).toContain('There is nothing here');
});

test('[PG2] an unknown language is answered in the fallback', () => {
  expect(text(page.render({ ...seen, language: 'tlh', status: aStatus(), returnTo: '/' }))).toContain(
    '<html lang="en"',
  );
});

test('[PG75] a page in the lobby carries the commitment that its device will hold the room to, others do not', () => {
  const commitment = 'ab'.repeat(32);
  const visitOf = (change: Parameters<typeof aStatus>[0]) =>
    dataOf(text(page.render({ ...seen, status: aStatus(change), returnTo: '/', commitment })), 'visit');
  expect(visitOf({ state: 'lobby', phase: 'lobby' })).toMatchObject({ commitment });
  expect(visitOf({})).not.toHaveProperty('commitment');
});

test('[PG149] the check of the draw is offered by a room that has committed itself, and by no other', () => {
  // Every room with a start offered it, and said that the proof would come; none came where there was no lobby.
  const visitOf = (commitment?: string) =>
    dataOf(
      text(page.render({ ...seen, status: aStatus(), returnTo: '/', ...(commitment && { commitment }) })),
      'visit',
    );
  expect(visitOf('ab'.repeat(32))).toMatchObject({ draws: true });
  expect(visitOf()).not.toHaveProperty('draws');
});

test('[PG109] what the operator wrote finds its own direction', async () => {
  const look = { ...plainLook, links };
  const own = await buildWaitingPage({
    prefix: '/_junban',
    room: { id: 'sale', claim: 'confirm', name: 'Sale' },
    look,
  });
  const stock = [{ name: 'Day 1', remaining: 3 }];
  const html = text(own.render({ ...seen, language: 'ar', status: aStatus({ message: 'Hi', stock }), returnTo: '/' }));
  expect(html).toContain('<p id="room" dir="auto">Sale</p>');
  expect(html).toMatch(/<section id="message" hidden><h2>[^<]*<\/h2><p dir="auto">/);
  expect(html).toContain('dir="auto">Help</a>');
  expect(noscriptOf(html)).toContain('<p class="say" dir="auto">Hi</p>');
  expect(noscriptOf(html)).toContain('<dt dir="auto">Day 1</dt>');
});
