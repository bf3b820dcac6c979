// A scene at a fixed instant for the page's unit tests.
import type { Scene } from '../../../src/page/screen.ts';
import type { Status } from '../../../src/page/status.ts';
import { aStatus, nowMs } from './a-status.ts';

export const aScene = (change: Partial<Scene> = {}, status: Partial<Status> = {}): Scene => ({
  room: { id: 'sale', claim: 'confirm', name: 'Festival' },
  status: aStatus(status),
  notice: null,
  bar: 'none',
  claiming: 'idle',
  connection: 'live',
  lostAtMs: null,
  aheadAtFirst: 10_840,
  roseAtMs: null,
  leaving: false,
  nowMs,
  ...change,
});
