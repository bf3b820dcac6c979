// The writes that a room takes of operators: the operation of each, who may do it, and what of the room it changes.
import type { Role } from './operator.ts';
import type { RoomReport } from './room-report.ts';
import type { WriteName } from './write-bodies.ts';

/** OP227. A text in each language as long as it may be, each character written as two escapes of UTF-16. */
const messageBytesMax = 256 * 1024;

type Shown = keyof RoomReport;
type WriteFacts = {
  readonly method: 'PUT' | 'POST';
  /** The operation's name. */
  readonly name: string;
  readonly role: Role;
  readonly summary: string;
  /** What of the report it changes: for the audit trail. */
  readonly shows: readonly Shown[];
  /** How long the body may be, where the usual bound is too little. */
  readonly bodyBytesMax?: number;
};

const operator = 'operator';

export const writes: Readonly<Record<WriteName, WriteFacts>> = {
  pace: { method: 'PUT', name: 'setPace', role: operator, summary: 'Set the pace.', shows: ['pacePerMinute'] },
  cap: { method: 'PUT', name: 'setCap', role: operator, summary: 'Set the active cap.', shows: ['activeCap'] },
  pause: {
    method: 'POST',
    name: 'pause',
    role: operator,
    summary: 'Pause: nobody is called or let in.',
    shows: ['paused'],
  },
  resume: { method: 'POST', name: 'resume', role: operator, summary: 'End the pause.', shows: ['paused'] },
  message: {
    ...{ method: 'POST', name: 'setMessage', role: operator, summary: 'Tell everybody in line something.' },
    shows: ['message', 'messages'],
    bodyBytesMax: messageBytesMax,
  },
  stock: {
    ...{ method: 'PUT', name: 'setStock', role: operator, summary: 'Say what is left in the shop.' },
    shows: ['stock'],
  },
  schedule: {
    ...{ method: 'PUT', name: 'setSchedule', role: operator },
    summary: 'Move the times of the room; null goes back to the file, what is absent stays.',
    shows: ['opensAt', 'startsAt', 'endsAt'],
  },
  phase: {
    ...{ method: 'PUT', name: 'setPhase', role: operator, shows: ['phase'] },
    summary: 'Open the lobby, start or end by hand what the times would do by themselves.',
  },
  drain: {
    ...{ method: 'POST', name: 'drain', role: operator, shows: ['draining'] },
    summary: 'Call nobody new; who is called or inside goes on. `on: false` ends it.',
  },
  shop: {
    ...{ method: 'PUT', name: 'setShop', role: operator, shows: ['shopFailing'] },
    summary: 'Say that the shop is failing: nobody is let in, and the clocks of calls and passes stand still.',
  },
  'let-in': {
    ...{ method: 'POST', name: 'letIn', role: operator, shows: [] },
    summary: 'Call these tickets now, whatever their place; they are first at the gate, within pace and cap.',
  },
  revoke: {
    ...{ method: 'POST', name: 'revokePasses', role: operator, shows: ['active'] },
    summary: 'Take the passes of these tickets away.',
  },
  autopilot: {
    ...{ method: 'PUT', name: 'setAutopilot', role: operator, shows: ['autopilot'] },
    summary: 'Switch the autopilot, or set its bounds, step and target; what is absent stays.',
  },
  'draw/figure': {
    ...{ method: 'PUT', name: 'enterFigure', role: operator, shows: [] },
    summary: 'Enter the announced public figure of the draw.',
  },
};
