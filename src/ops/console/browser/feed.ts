// The live feed of all rooms. Says when the gateway cannot be heard, also when its connection stands but nothing comes
// any more, and goes on by itself as soon as it can.
import { call, type RoomReport, type Session } from './api.ts';

/** The gateway tells every second; so much later nothing on the screen can be called live. */
const silenceMsMax = 4_000;
const reopenMs = 2_000;

export type FeedListener = {
  readonly onRooms: (rooms: readonly RoomReport[]) => void;
  readonly onLost: () => void;
};

/** Returns its stop function. */
export function followRooms({ onRooms, onLost }: FeedListener): () => void {
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
