// A device in line: follows, takes its turn, leaves, and agrees with the other tabs. What the fan may tap is line-acts.ts's.
import type { Status } from '../status.ts';
import type { PageRoom, Visit } from '../visit.ts';
import type { Api } from './api.ts';
import { connectToLine, type LineConnection } from './connection.ts';
import { keepsCookies } from './keeps-cookies.ts';
import { startActs } from './line-acts.ts';
import type { Memory } from './memory.ts';
import { startProofCheck } from './proof-view.ts';
import type { ScreenHandle } from './start-screen.ts';
import { compareTabs } from './tabs.ts';
import { createTurn, type Turn } from './turn.ts';

/** A stream has a frame every 20 s: a screen that comes back after a longer silence connects anew at once. */
const silentMsMax = 25_000;
const rejoinAgainAfterMs = 600_000;

export const startLine = (
  api: Api,
  room: PageRoom,
  visit: Visit,
  memory: Memory,
  screen: ScreenHandle,
  first: Status,
): void => {
  const { formats, send, model } = screen;
  let connection: LineConnection | null = null;
  let isBarred = false;
  let heardAtMs = Date.now();
  const bar = (kind: 'superseded' | 'invalid' | 'left'): void => {
    isBarred = true;
    connection?.stop();
    turn.stop();
    stopWaiting();
    if (kind === 'invalid' && memory.mayDo('rejoin', rejoinAgainAfterMs)) location.reload();
    else send({ kind: 'barred', bar: kind });
  };
  // Without cookies the shop would send the fan back here without a place: the turn waits until they are allowed.
  const mayEnter = (): boolean => !api.bearerOnly || keepsCookies();
  const take = (status: Status): void => {
    send({ kind: 'status', status, atMs: Date.now() });
    tellTabs(status.number);
    // Whoever left in another tab is not put back into the line by this one.
    if (status.state === 'left') bar('left');
    else if (mayEnter()) turn.follow(status);
  };
  const turn: Turn = createTurn(api, room, visit.returnTo, memory, {
    onStatus: status => {
      if (model().connection === 'lost') send({ kind: 'opened' });
      send({ kind: 'status', status, atMs: Date.now() });
    },
    onUnanswered: () => send({ kind: 'lost', atMs: Date.now() }),
    onClaiming: claiming => send({ kind: 'claiming', claiming }),
    onInvalid: () => bar('invalid'),
  });
  const connect = (): void => {
    isBarred = false;
    connection = connectToLine(api, {
      onStatus: status => {
        heardAtMs = Date.now();
        if (model().connection === 'lost') send({ kind: 'opened' });
        take(status);
      },
      onOpened: () => send({ kind: 'opened' }),
      onLost: () => send({ kind: 'lost', atMs: Date.now() }),
      onBarred: bar,
    });
  };
  const wake = (): void => {
    if (!isBarred) connection?.wake();
  };
  // A page that carries its own ticket has no cookie to agree on.
  const tellTabs = api.bearerOnly ? () => undefined : compareTabs(room.id, wake);
  const stopWaiting = startActs(api, screen, { take, connect, mayEnter, claim: turn.claim, onLeft: () => bar('left') });
  startProofCheck(api, room.id, formats, () => {
    const { status } = model();
    return { status, commitmentSeen: memory.commitment(status?.number ?? null) };
  });
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - heardAtMs > silentMsMax) wake();
  });
  addEventListener('offline', () => send({ kind: 'lost', atMs: Date.now() }));
  addEventListener('pagehide', () => {
    connection?.stop();
    turn.stop();
  });
  addEventListener('pageshow', event => {
    if (!event.persisted) return;
    send({ kind: 'claiming', claiming: 'idle' });
    wake();
  });
  // What the gateway has said stands on the screen before anything else is tried.
  take(first);
  if (!isBarred) connect();
};
