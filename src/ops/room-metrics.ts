// The metrics of a room's line, flow and limits.
import { autopilotModes } from '../queue/autopilot-rules.ts';
import { phases } from '../queue/room-change.ts';
import type { RoomCounts } from './counts.ts';
import { eachOf, eachRoom, flag, number, type Row, stateSet } from './metric-row.ts';
import type { ReportedLimit } from './room-report.ts';

/** A table, so that the compiler asks for a limit that is new. */
const limits: readonly string[] = Object.keys({
  draining: true,
  gathering: true,
  'nobody-in-line': true,
  pace: true,
  cap: true,
  'claim-window': true,
  'claims-busy': true,
  'not-calling': true,
} satisfies Record<ReportedLimit, true>);

export const roomMetrics: readonly Row[] = [
  number(
    'gauge',
    'room',
    'junban_present_devices',
    ['room'],
    'Devices that are really there.',
    eachRoom(({ report }) => report.present),
  ),
  number(
    'gauge',
    'room',
    'junban_line_devices',
    ['room', 'state'],
    'Devices by state: lobby, waiting, called, missed (a call), comeback (the pass ran out, and there is a way back).',
    eachOf('state', lineByState),
  ),
  number(
    'counter',
    'room',
    'junban_joins_total',
    ['room'],
    'Arrival numbers handed out.',
    eachRoom(({ report }) => report.handedOut),
  ),
  number(
    'counter',
    'room',
    'junban_calls_total',
    ['room'],
    'Devices called.',
    eachRoom(({ report }) => report.totals.called),
  ),
  number(
    'counter',
    'room',
    'junban_admissions_total',
    ['room'],
    'Claims that got a pass.',
    eachRoom(({ report }) => report.admitted),
  ),
  number(
    'counter',
    'room',
    'junban_no_shows_total',
    ['room'],
    'Calls not claimed within the claim window.',
    eachRoom(({ report }) => report.noShows),
  ),
  number(
    'gauge',
    'room',
    'junban_no_show_share_ratio',
    ['room'],
    'The learned share of calls that nobody claims.',
    eachRoom(({ report }) => report.noShowShare),
  ),
  number(
    'counter',
    'room',
    'junban_returners_total',
    ['room'],
    'Missed devices that came back into line.',
    eachRoom(({ report }) => report.totals.returners),
  ),
  number(
    'counter',
    'seen',
    'junban_passes_ended_total',
    ['room', 'cause'],
    'Passes ended since this gateway started, by cause.',
    eachOf('cause', room => room.passesEnded),
  ),
  number(
    'gauge',
    'room',
    'junban_active_passes',
    ['room'],
    'Passes alive.',
    eachRoom(({ report }) => report.active),
  ),
  number(
    'gauge',
    'room',
    'junban_active_cap_passes',
    ['room'],
    'How many passes may be alive at once.',
    eachRoom(({ report }) => report.activeCap),
  ),
  number(
    'gauge',
    'room',
    'junban_pace_per_minute',
    ['room'],
    'Calls and admissions allowed per minute.',
    eachRoom(({ report }) => report.pacePerMinute),
  ),
  number(
    'counter',
    'seen',
    'junban_estimates_total',
    ['room', 'outcome'],
    'Sampled ranges that held the true wait (held) or did not (missed), four of five should; dropped: the device went, or the room was paused or set otherwise.',
    eachOf('outcome', ({ estimates }) => ({ ...estimates })),
  ),
  number(
    'gauge',
    'gateway',
    'junban_estimate_error_ratio',
    ['room'],
    'Median error of the expected wait over the latest samples; no sample before the first.',
    eachRoom(({ estimateError }) => estimateError),
  ),
  number(
    'gauge',
    'room',
    'junban_autopilot_pace_per_minute',
    ['room'],
    'The pace that the autopilot set, or in shadow would set; the one in force while it has set none.',
    eachRoom(({ report }) => report.autopilot.pacePerMinute ?? report.pacePerMinute),
  ),
  number(
    'gauge',
    'room',
    'junban_autopilot_mode',
    ['room', 'mode'],
    '1 for the mode of the autopilot, 0 for the others.',
    eachOf('mode', ({ report }) => stateSet(autopilotModes, report.autopilot.mode)),
  ),
  number(
    'counter',
    'seen',
    'junban_autopilot_changes_total',
    ['room', 'cause'],
    'Changes of the pace by the autopilot since this gateway started, by cause.',
    eachOf('cause', ({ paceChanges }) => paceChanges),
  ),
  number(
    'gauge',
    'gateway',
    'junban_signature_useless',
    ['room'],
    '1 while an error signature matches nearly every page and is left out of account.',
    eachRoom(({ report }) => flag(report.autopilot.signatureUseless)),
  ),
  number(
    'gauge',
    'room',
    'junban_frontier_place',
    ['room'],
    'The first place not yet reached by the calling.',
    eachRoom(({ report }) => report.frontier),
  ),
  number(
    'gauge',
    'room',
    'junban_room_phase',
    ['room', 'phase'],
    '1 for the phase of the room, 0 for the others.',
    eachOf('phase', ({ report }) => stateSet(phases, report.phase)),
  ),
  number(
    'gauge',
    'room',
    'junban_room_held',
    ['room', 'hold'],
    '1 while the room is paused or drained, its shop is seen to fail (shop-failing), or an operator says so (shop-down).',
    eachOf('hold', ({ report: { paused, draining, shopFailingBy } }) => ({
      ...{ paused: flag(paused), draining: flag(draining) },
      ...{
        'shop-failing': flag(shopFailingBy.includes('gateways')),
        'shop-down': flag(shopFailingBy.includes('operator')),
      },
    })),
  ),
  number(
    'gauge',
    'gateway',
    'junban_draw_trouble',
    ['room'],
    '1 while this gateway cannot compute the drawn order: none of those who were drawn has a place here.',
    eachRoom(({ report }) => flag(report.drawTrouble !== null)),
  ),
  number(
    'gauge',
    'gateway',
    'junban_room_caller',
    ['room'],
    '1 if this gateway is the caller of the room.',
    eachRoom(({ isCaller }) => flag(isCaller)),
  ),
  number(
    'gauge',
    'gateway',
    'junban_room_caller_info',
    ['room', 'caller'],
    'Always 1, and only at the caller: the name under which it holds the lease of the room.',
    ({ rooms, holder }) =>
      rooms.flatMap(({ isCaller, report: { room } }) =>
        isCaller ? [{ labels: { room, caller: holder }, value: 1 }] : [],
      ),
  ),
  number(
    'gauge',
    'gateway',
    'junban_call_limit',
    ['room', 'limit'],
    '1 for what keeps the caller from calling more; all 0 where this gateway is not the caller.',
    eachOf('limit', ({ report }) => stateSet(limits, report.limit)),
  ),
];

function lineByState({ report }: RoomCounts): Readonly<Record<string, number>> {
  const isBefore = report.phase === 'closed' || report.phase === 'lobby';
  const { waiting, called, missed, comebacks: comeback } = report;
  return { lobby: isBefore ? waiting : 0, waiting: isBefore ? 0 : waiting, called, missed, comeback };
}
