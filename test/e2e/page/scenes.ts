// Every screen of the page as what a server would say to bring it up: used by the tests and for screenshots.
import type { Status } from '../../../src/page/status.ts';
import type { Notice } from '../../../src/page/visit.ts';
import type { Screen } from '../../../src/page/wording.ts';
import { statusOf } from './line-server.ts';

export interface SceneSetup {
  readonly screen: Screen;
  readonly status: () => Status | null;
  readonly notice: () => Notice | null;
}

const inMs = (spanMs: number): string => new Date(Date.now() + spanMs).toISOString();

const ofStatus = (screen: Screen, change: () => Partial<Status>): SceneSetup => ({
  screen,
  status: () => statusOf(change()),
  notice: () => null,
});

const ofNotice = (screen: Screen, notice: () => Notice): SceneSetup => ({ screen, status: () => null, notice });

export const sceneSetups: readonly SceneSetup[] = [
  ofNotice('closed', () => ({ kind: 'room-closed', opensAt: inMs(185_000_000), asOf: inMs(0) })),
  ofStatus('lobby', () => ({
    phase: 'lobby',
    state: 'lobby',
    place: null,
    ahead: null,
    etaSeconds: null,
    startsAt: inMs(2_145_000),
  })),
  ofStatus('drawing', () => ({ state: 'lobby', place: null, ahead: null, etaSeconds: null })),
  ofStatus('waiting', () => ({})),
  ofStatus('near', () => ({
    ahead: 14,
    etaSeconds: [20, 55],
    message: 'Day 1 is sold out. Days 2 and 3 are on sale.',
  })),
  ofStatus('called', () => ({ state: 'called', ahead: 0, claimBy: inMs(272_000) })),
  ofStatus('entering', () => ({ state: 'entering', ahead: 0, claimBy: inMs(272_000) })),
  ofStatus('missed', () => ({ state: 'missed', ahead: 3, etaSeconds: null })),
  ofStatus('paused', () => ({ paused: true, etaSeconds: null })),
  ofStatus('full', () => ({ calling: false, full: true, etaSeconds: null })),
  ofStatus('trouble', () => ({ shopFailing: true, etaSeconds: null })),
  ofStatus('sold-out', () => ({
    stock: [
      { name: 'Day 1', remaining: 0 },
      { name: 'Day 2', remaining: 0 },
    ],
  })),
  ofStatus('checking', () => ({ checking: true, asOf: inMs(-95_000) })),
  ofStatus('left', () => ({ state: 'left', place: null, ahead: null })),
  ofStatus('ended', () => ({ state: 'ended', phase: 'ended', ahead: null, message: 'All tickets are sold out.' })),
  ofNotice('shop-trouble', () => ({ kind: 'shop-trouble', retryAfterSeconds: 60 })),
  ofNotice('not-found', () => ({ kind: 'not-found' })),
  ofNotice('store-unavailable', () => ({ kind: 'store-unavailable', retryAfterSeconds: 60 })),
  ofNotice('busy', () => ({ kind: 'busy', retryAfterSeconds: 60 })),
];
