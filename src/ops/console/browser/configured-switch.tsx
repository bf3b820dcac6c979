// What operators set that differs from the configuration, each with the way back.
import type { RoomReport } from './api.ts';
import { ofRoom, type Question, useAsk } from './ask.tsx';
import { Panel } from './panel.tsx';
import type { Seen } from './switches.tsx';
import { showDate, showNumber } from './words.ts';

type Difference = RoomReport['differences'][number];

const names: Readonly<Record<Difference['setting'], string>> = {
  pacePerMinute: 'Pace',
  activeCap: 'Active cap',
  opensAt: 'Lobby opens',
  startsAt: 'Sale starts',
  endsAt: 'Room ends',
  'autopilot.mode': 'Autopilot',
  'autopilot.minPerMinute': 'Lowest pace of the autopilot',
  'autopilot.maxPerMinute': 'Highest pace of the autopilot',
  'autopilot.stepPercent': 'Step of the autopilot, in %',
  'autopilot.latencyTargetMs': 'Target of the autopilot, in ms',
};

function show(setting: Difference['setting'], value: Difference['file']): string {
  if (typeof value === 'number') return showNumber(value);
  if (setting === 'autopilot.latencyTargetMs') return 'learned';
  return setting === 'autopilot.mode' ? String(value) : showDate(value);
}

export function ConfiguredSwitch({ room, canSteer }: Seen) {
  const ask = useAsk();
  const { differences, autopilot } = room;
  return (
    <Panel
      title="As configured"
      state={
        differences.length === 0
          ? 'nothing differs'
          : `${differences.length} ${differences.length === 1 ? 'differs' : 'differ'}`
      }
    >
      {differences.length === 0 && <p>Everything is as the configuration says.</p>}
      <ul class="differences">
        {differences.map(each => {
          const back = backTo(room, each);
          return (
            <li key={each.setting}>
              <b>{names[each.setting]}</b>: {show(each.setting, each.now)}; the configuration says{' '}
              {show(each.setting, each.file)}.{' '}
              {each.setting === 'pacePerMinute' && autopilot.mode === 'on' && 'The autopilot sets it. '}
              {canSteer && back !== null && (
                <button
                  type="button"
                  aria-label={`${names[each.setting]}: Back to the configuration…`}
                  onClick={() => void ask(back)}
                >
                  Back to the configuration…
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function backTo(room: RoomReport, { setting, file, now }: Difference): Question | null {
  const title = `${names[setting]} as configured`;
  const effect = `${names[setting]} becomes ${show(setting, file)} instead of ${show(setting, now)}, from now on, on every gateway.`;
  const common = { title, effect, isDangerous: true };
  switch (setting) {
    case 'pacePerMinute':
      return room.autopilot.mode === 'on' ? null : { ...common, ...ofRoom(room, 'PUT', 'pace', { perMinute: file }) };
    case 'activeCap':
      return { ...common, ...ofRoom(room, 'PUT', 'cap', { active: file }) };
    case 'opensAt':
    case 'startsAt':
    case 'endsAt':
      return { ...common, ...ofRoom(room, 'PUT', 'schedule', { [setting]: null }) };
    default:
      return { ...common, ...ofRoom(room, 'PUT', 'autopilot', { [setting.replace('autopilot.', '')]: file }) };
  }
}
