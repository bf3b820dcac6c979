// The way from being called to the shop: claims when told to (or by itself), then goes on to the fan's address. It goes by
// itself at most once a minute, so a shop that sends the fan back here never makes a loop.
import type { Claiming } from '../screen.ts';
import type { Status } from '../status.ts';
import type { PageRoom } from '../visit.ts';
import type { Api } from './api.ts';
import { type Claim, claimTurn } from './claim.ts';
import { goTo } from './go-to.ts';
import type { Memory } from './memory.ts';
import { returnAddress } from './return-address.ts';

export interface TurnListener {
  readonly onStatus: (status: Status) => void;
  readonly onUnanswered: () => void;
  readonly onClaiming: (claiming: Claiming) => void;
  readonly onInvalid: () => void;
}

export interface Turn {
  /** The fan asked for it. */
  readonly claim: () => void;
  /** A status came: goes on by itself where that is right. */
  readonly follow: (status: Status) => void;
  readonly stop: () => void;
}

const enterAgainAfterMs = 60_000;
/** A claim that the page made by itself and that was refused is not repeated before this. */
const claimAgainAfterMs = 5_000;
/** Going takes the page away; when it is still here after this, the fan gets a button. */
const goWithinMs = 20_000;

export const createTurn = (
  api: Api,
  room: PageRoom,
  returnTo: string,
  memory: Memory,
  listener: TurnListener,
): Turn => {
  let claim: Claim | null = null;
  let goTimer = 0;
  let refusedAtMs = 0;
  /** On the way, or stuck: frames that come now start nothing. */
  let isLeaving = false;

  const go = (address: string, isAsked: boolean): void => {
    const mayGo = memory.mayDo('enter', enterAgainAfterMs) || isAsked;
    isLeaving = true;
    listener.onClaiming(mayGo ? 'going' : 'stuck');
    if (!mayGo) return;
    goTimer = setTimeout(() => listener.onClaiming('stuck'), goWithinMs);
    goTo(returnAddress(address, location.href, location.hash));
  };

  const start = (isAsked: boolean): void => {
    if (claim !== null) return void (isAsked && claim.askNow());
    clearTimeout(goTimer);
    listener.onClaiming('asking');
    claim = claimTurn(api, returnTo, {
      onStatus: listener.onStatus,
      onUnanswered: listener.onUnanswered,
      onEnd: end => {
        claim = null;
        if (end.kind === 'granted') {
          go(end.returnTo, isAsked);
          return;
        }
        if (!isAsked) refusedAtMs = Date.now();
        listener.onClaiming('idle');
        if (end.kind === 'invalid') listener.onInvalid();
      },
    });
  };

  return {
    claim: () => start(true),
    follow: ({ state }) => {
      if (isLeaving || Date.now() - refusedAtMs < claimAgainAfterMs) return;
      const isOwn = state === 'entering' || state === 'admitted';
      if (isOwn || (state === 'called' && room.claim === 'auto')) start(false);
    },
    stop: () => {
      claim?.stop();
      claim = null;
      isLeaving = false;
      clearTimeout(goTimer);
    },
  };
};
