// The smoke scenario, run by k6: fans come by page and by API, follow over a socket, claim, visit the shop, leave. The promises are
// thresholds; what needs every sample (no place twice, the pace in any 10 s) is judged by judge.ts from the raw samples.
// k6 run -e GATEWAY_URL=http://127.0.0.1:8080 -e ROOM=sale loadtest/k6/smoke.js
import { check } from 'k6';
import http from 'k6/http';
import { Counter, Rate, Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';

const gatewayUrl = __ENV.GATEWAY_URL || 'http://127.0.0.1:8080';
const room = __ENV.ROOM || 'sale';
const seconds = Number(__ENV.SECONDS || 20);
const fansPerSecond = Number(__ENV.FANS_PER_SECOND || 3);
const waitMsMax = 60_000;
const shopPath = '/events/junban-live';

const serverErrors = new Counter('server_errors');
const arrivalNumber = new Trend('arrival_number');
const admission = new Trend('admission');
const firstFrameMs = new Trend('first_frame_ms', true);
const frameAgeMs = new Trend('frame_age_ms', true);
const claimMs = new Trend('claim_ms', true);
const finished = new Rate('fans_finished');

const arrivals = (exec, rate, startTime, duration) => ({
  executor: 'constant-arrival-rate',
  exec,
  rate,
  timeUnit: '1s',
  startTime: `${startTime}s`,
  duration: `${duration}s`,
  preAllocatedVUs: exec === 'followToTheShop' ? 150 : 20,
  gracefulStop: `${waitMsMax / 1000}s`,
});

export const options = {
  scenarios: {
    fans: arrivals('followToTheShop', fansPerSecond, 0, seconds),
    // The line stands by then, so that every answer is the line's.
    pages: arrivals('openPage', 5, 4, seconds - 4),
    calls: arrivals('callApiWithoutPass', 5, 4, seconds - 4),
  },
  thresholds: {
    checks: ['rate==1'],
    server_errors: ['count==0'],
    dropped_iterations: ['count==0'],
    fans_finished: ['rate==1'],
    'http_req_duration{name:join}': ['p(95)<100'],
    'http_req_duration{name:page}': ['p(95)<100'],
    first_frame_ms: ['p(95)<1000'],
    frame_age_ms: ['p(99)<1000'],
  },
  summaryTrendStats: ['min', 'med', 'avg', 'p(95)', 'p(99)', 'max', 'count'],
};

const own = call => `${gatewayUrl}/_junban/v1/${call}?room=${room}`;
const asApi = (name, extra) => ({
  headers: { accept: 'application/json', origin: gatewayUrl, ...extra },
  tags: { name },
});
const asBrowser = name => ({
  headers: { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  tags: { name },
});

/** Notes what must never happen, whatever was asked. */
function noted(response) {
  if (response.status >= 500 || response.status === 0) serverErrors.add(1, { status: String(response.status) });
  return response;
}

const headerOf = (response, name) => {
  const found = Object.keys(response.headers).find(header => header.toLowerCase() === name);
  return found === undefined ? '' : response.headers[found];
};
const isShop = response => response.status === 200 && headerOf(response, 'x-demo-shop') === 'page';
const cookieOf = (response, kind) => {
  const found = Object.keys(response.cookies).find(name => name.endsWith(`junban-${kind}-${room}`));
  return found === undefined ? undefined : `${found}=${response.cookies[found][0].value}`;
};

/** A navigation without a ticket: one answer with the page and the ticket, or the shop and a pass. */
export function openPage() {
  const response = noted(http.get(gatewayUrl + shopPath, asBrowser('page')));
  if (cookieOf(response, 'pass') !== undefined) admission.add(1);
  check(response, {
    'page: the shop, or the line with a ticket': answer =>
      isShop(answer) || (answer.status === 200 && cookieOf(answer, 'ticket') !== undefined),
    'page: is HTML': answer => headerOf(answer, 'content-type').startsWith('text/html'),
    'page: the line is never stored': answer => isShop(answer) || /no-store/.test(headerOf(answer, 'cache-control')),
  });
}

/** While a line stands, a call without a pass gets 429 problem+json with Retry-After, never HTML. */
export function callApiWithoutPass() {
  const response = noted(http.get(`${gatewayUrl}/api/stock`, asApi('call')));
  check(response, {
    'call: 429': answer => answer.status === 429,
    'call: problem+json': answer => headerOf(answer, 'content-type').startsWith('application/problem+json'),
    'call: Retry-After': answer => Number(headerOf(answer, 'retry-after')) > 0,
    'call: never HTML': answer => !/<html/i.test(answer.body || ''),
  });
}

export function followToTheShop() {
  const joined = noted(http.post(own('tickets'), null, asApi('join')));
  const isJoined = check(joined, {
    'join: 201': answer => answer.status === 201,
    'join: STATUS within': answer => answer.json('status.v') === 1 && answer.json('status.room') === room,
    'join: ticket cookie': answer => cookieOf(answer, 'ticket') !== undefined,
  });
  if (!isJoined) return void finished.add(false);
  arrivalNumber.add(joined.json('status.number'));
  const cookie = cookieOf(joined, 'ticket');
  const socketUrl = own('socket').replace(/^http/, 'ws');
  const socket = new WebSocket(socketUrl, ['junban.v1'], { headers: { cookie, origin: gatewayUrl } });
  const openedAtMs = Date.now();
  let frames = 0;
  let isOver = false;

  const end = isFinished => {
    if (isOver) return;
    isOver = true;
    clearTimeout(tooLong);
    finished.add(isFinished);
    socket.close();
  };
  const tooLong = setTimeout(() => end(false), waitMsMax);
  const act = () => end(claimAndVisit());
  let isCalled = false;

  socket.onmessage = ({ data }) => {
    const nowMs = Date.now();
    const status = JSON.parse(data);
    frames += 1;
    if (frames === 1) firstFrameMs.add(nowMs - openedAtMs);
    frameAgeMs.add(nowMs - Date.parse(status.asOf));
    check(status, {
      'frame: STATUS': ({ v, number, ahead }) => v === 1 && number >= 0 && (ahead === null || ahead >= 0),
      'frame: nothing but what is expected': ({ state }) => /^(waiting|called|entering|admitted|left)$/.test(state),
    });
    if (status.state !== 'called' || isCalled) return;
    isCalled = true;
    setTimeout(act, 200 + Math.random() * 800);
  };
  socket.onerror = () => end(false);
  socket.onclose = () => end(false);
}

/** The turn: claim until entered, see the shop, see it again, leave. */
function claimAndVisit() {
  const sinceMs = Date.now();
  let claimed = noted(claim());
  while (claimed.status === 202 && Date.now() - sinceMs < waitMsMax) claimed = noted(claim());
  claimMs.add(Date.now() - sinceMs);
  const isIn = check(claimed, { 'claim: a pass': answer => answer.status === 201 || answer.status === 200 });
  if (!isIn) return false;
  admission.add(1);
  const again = noted(claim());
  const pages = [1, 2].map(() => noted(http.get(gatewayUrl + shopPath, asBrowser('shop'))));
  const left = noted(http.del(own('tickets/current'), null, asApi('leave')));
  return check(null, {
    'claim: again gives the same pass': () => again.status === 200 && again.json('pass') === claimed.json('pass'),
    'shop: there, and there again on reload': () => pages.every(isShop),
    'leave: 204': () => left.status === 204,
  });
}

/** The gate holds a claim for up to 2 s by itself, so asking again at once is no busy loop. */
function claim() {
  const body = JSON.stringify({ returnTo: shopPath });
  return http.post(own('passes'), body, asApi('claim', { 'content-type': 'application/json' }));
}

export function handleSummary(data) {
  return __ENV.SUMMARY_FILE ? { [__ENV.SUMMARY_FILE]: JSON.stringify(data) } : {};
}
