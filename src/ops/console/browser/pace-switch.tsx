// The pace, with what would happen at another one while it is being typed.
import { ofRoom, useAsk } from './ask.tsx';
import { forecastInWords, useForecast } from './history.ts';
import { NumberField, Panel, useNumber } from './panel.tsx';
import type { OfRoom } from './switches.tsx';
import { showNumber } from './words.ts';

const paceMax = 1_000_000;

export function PaceSwitch({ room }: OfRoom) {
  const ask = useAsk();
  const pace = useNumber(value => value > 0 && value <= paceMax);
  const forecast = useForecast(room.room, pace.value);
  const words = forecast === null ? '' : forecastInWords(forecast);
  const { autopilot } = room;
  const isOn = autopilot.mode === 'on';
  const submit = async (event: Event) => {
    event.preventDefault();
    const wanted = pace.value;
    if (wanted === null) return;
    const then = isOn
      ? ` The autopilot is on: it goes on from there, between ${showNumber(autopilot.minPerMinute)} and ${showNumber(autopilot.maxPerMinute)}.`
      : '';
    const done = await ask({
      title: `Set the pace to ${showNumber(wanted)}`,
      effect: `Up to ${showNumber(wanted)} devices a minute are called and let in, instead of ${showNumber(room.pacePerMinute)}, from now on, on every gateway.${then}${words === '' ? '' : ` At this pace ${words}`}`,
      isDangerous: wanted > 2 * room.pacePerMinute || wanted < room.pacePerMinute / 2,
      ...ofRoom(room, 'PUT', 'pace', { perMinute: wanted }),
    });
    if (done !== null) pace.setText('');
  };
  return (
    <Panel title="Pace" state={`${showNumber(room.pacePerMinute)}/min${isOn ? ', by the autopilot' : ''}`} isOpen>
      <form onSubmit={submit}>
        <NumberField
          label={`Devices a minute, now ${showNumber(room.pacePerMinute)}`}
          {...{ name: 'pace', field: pace, step: 'any', hint: 'A number above 0, at most a million.' }}
        />
        <p class="forecast" role="status">
          {pace.value === null
            ? 'Type a pace to see what would happen.'
            : `At ${showNumber(pace.value)} a minute ${words === '' ? '…' : words}`}
        </p>
        <button type="submit" disabled={pace.value === null}>
          Set the pace…
        </button>
      </form>
    </Panel>
  );
}
