// CPU time of one sweep of the line pusher, without any transport: 19,000 followers whose numbers all changed.
// What a socket costs on top is measured with real sockets.
import { LinePusher } from '../src/flow/push-line.ts';
import { RoomView } from '../src/flow/room-view.ts';
import { systemClock } from '../src/system-clock.ts';

const devices = 19_000;
const rounds = 20;
const dayMs = 86_400_000;

const rules = {
  id: 'sale',
  opensAtMs: null,
  startsAtMs: null,
  endsAtMs: null,
  pacePerMinute: 600,
  activeCap: 100_000,
  claimWindowMs: 300_000,
  graceTimeMs: 90_000,
  passIdleMs: dayMs,
  passMaxMs: dayMs,
  ticketLifetimeMs: dayMs,
};
const view = new RoomView(rules, systemClock);
view.apply([{ kind: 'phase', phase: 'open', atMs: Date.now() }]);
let pushed = 0;
let bytes = 0;
let lastSentMs = 0;
const pusher = new LinePusher({
  view,
  clock: systemClock,
  isEntering: () => false,
  onPushed: frames => {
    pushed += frames;
  },
});
for (let number = 0; number < devices; number += 1) {
  view.attach(number);
  pusher.add({
    number,
    send: status => {
      bytes += status.length;
      lastSentMs = performance.now();
    },
    end: () => undefined,
    toldAtMs: 0,
    toldState: '',
    toldAhead: -1,
    toldTotal: -1,
    toldCommon: -1,
  });
}

/** Medians would hide the collector's work, so these are means over the rounds; idle time costs no CPU. */
async function meansOf(change: (round: number) => void): Promise<{ cpuMs: number; lastMs: number; frames: number }> {
  const sums = { cpuMs: 0, lastMs: 0, frames: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const framesBefore = pushed;
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    lastSentMs = startMs;
    change(round);
    await new Promise(resolve => setTimeout(resolve, 500));
    const { user, system } = process.cpuUsage(cpu);
    sums.cpuMs += (user + system) / 1_000;
    sums.lastMs += lastSentMs - startMs;
    sums.frames += pushed - framesBefore;
  }
  return { cpuMs: sums.cpuMs / rounds, lastMs: sums.lastMs / rounds, frames: sums.frames / rounds };
}

const moved = await meansOf(round => view.apply([{ kind: 'called', places: [round], atMs: Date.now() }]));
console.log(
  `frontier moves, ${devices} followers: ${moved.frames.toFixed(0)} frames, last after ${moved.lastMs.toFixed(1)} ms`,
);
console.log(
  `CPU time per frame: ${((moved.cpuMs * 1_000) / moved.frames).toFixed(2)} µs, ${(bytes / pushed).toFixed(0)} bytes`,
);
pusher.stop();
