// The live feed of all rooms. Says when the gateway cannot be heard, also when its connection stands but nothing comes
// any more, and goes on by itself as soon as it can.
import { call, type RoomReport, type Session } from './api.ts';

/** The gateway tells every second; so much later nothing on the screen can be called live. */
const silenceMsMax = 4_000;
const reopenMs = 2_000;
/** Nobody looks: often enough for what stands in the tab's title. */
const hiddenPeriodMs = 10_000;

export type FeedListener = {
  readonly onRooms: (rooms: readonly RoomReport[]) => void;
  readonly onLost: () => void;
};

/**
 * Returns its stop function. A tab that nobody looks at asks now and then: a browser holds six connections to a gateway,
 * and as many tabs would leave none for anything else.
 */
export function followRooms(listener: FeedListener): () => void {
  const begin = () => (document.visibilityState === 'hidden' ? askNowAndThen(listener) : follow(listener));
  let stop = begin();
  const change = () => {
    stop();
    stop = begin();
  };
  document.addEventListener('visibilitychange', change);
  return () => {
    document.removeEventListener('visibilitychange', change);
    stop();
  };
}

function askNowAndThen({ onRooms, onLost }: FeedListener): () => void {
  let isStopped = false;
  const timer = setInterval(async () => {
    const reply = await call<{ readonly rooms: readonly RoomReport[] }>('GET', 'rooms');
    if (isStopped) return;
    if (reply.kind === 'ok') onRooms(reply.value.rooms);
    else onLost();
  }, hiddenPeriodMs);
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}

function follow({ onRooms, onLost }: FeedListener): () => void {
  let heardAtMs = performance.now();
  let source = open();
  let isAsking = false;

  function open(): EventSource {
    const opened = new EventSource('/api/v1/events');
    opened.addEventListener('rooms', event => {
      heardAtMs = performance.now();
      onRooms(JSON.parse(event.data).rooms);
    });
    opened.addEventListener('error', () => {
      onLost();
      void askWhy();
    });
    return opened;
  }

  /** A feed that is refused does not say why; any other question is answered with the reason. */
  async function askWhy(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    await call<Session>('GET', 'session');
    isAsking = false;
  }

  const watch = setInterval(() => {
    const silentMs = performance.now() - heardAtMs;
    if (silentMs < silenceMsMax) return;
    onLost();
    if (silentMs < silenceMsMax + reopenMs && source.readyState !== EventSource.CLOSED) return;
    source.close();
    heardAtMs = performance.now() - silenceMsMax;
    source = open();
  }, 1_000);
  return () => {
    clearInterval(watch);
    source.close();
  };
}
