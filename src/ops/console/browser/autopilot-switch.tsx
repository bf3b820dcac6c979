// The autopilot: what it thinks and why, whether it may act, and within which bounds.
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { ofRoom, useAsk } from './ask.tsx';
import { NumberField, Panel, useNumber } from './panel.tsx';
import type { OfRoom, Seen } from './switches.tsx';
import { showNumber } from './words.ts';

type Mode = RoomReport['autopilot']['mode'];

const modes: Readonly<Record<Mode, { readonly label: string; readonly effect: string }>> = {
  off: { label: 'off: the pace is the one you set', effect: 'The pace is the one that you set, and stays it.' },
  shadow: {
    label: 'shadow: it only says what it would do',
    effect: 'It watches the shop and says what it would do; the pace stays the one that you set.',
  },
  on: { label: 'on: it sets the pace', effect: 'From now on it sets the pace by how the shop answers' },
};

export function AutopilotSwitch({ room, canSteer }: Seen) {
  const { autopilot } = room;
  return (
    <Panel
      title="Autopilot"
      state={
        autopilot.mode === 'off' || autopilot.pacePerMinute === null
          ? autopilot.mode
          : `${autopilot.mode}, ${showNumber(autopilot.pacePerMinute)}/min`
      }
    >
      {autopilot.mode !== 'off' && (
        <p class="thinks">
          {autopilot.pacePerMinute === null
            ? 'It has decided nothing yet'
            : `It ${autopilot.mode === 'on' ? 'lets' : 'would let'} in ${showNumber(autopilot.pacePerMinute)} a minute`}
          : {autopilot.reason}.
        </p>
      )}
      {canSteer ? (
        <AutopilotForm room={room} />
      ) : (
        <p>
          Bounds {showNumber(autopilot.minPerMinute)} to {showNumber(autopilot.maxPerMinute)} a minute, step{' '}
          {autopilot.stepPercent} %.
        </p>
      )}
    </Panel>
  );
}

function AutopilotForm({ room }: OfRoom) {
  const ask = useAsk();
  const { autopilot } = room;
  const [chosen, setChosen] = useState<Mode | null>(null);
  const [isLearned, setLearned] = useState<boolean | null>(null);
  const least = useNumber(value => value > 0 && value <= 1_000_000);
  const most = useNumber(value => value > 0 && value <= 1_000_000);
  const step = useNumber(value => value >= 1 && value <= 100);
  const target = useNumber(value => value >= 10 && value <= 600_000);
  const fields = [least, most, step, target];
  const mode = chosen ?? autopilot.mode;
  const learns = isLearned ?? autopilot.latencyTargetMs === null;
  const [from, to] = [least.value ?? autopilot.minPerMinute, most.value ?? autopilot.maxPerMinute];
  const isCrossed = from > to;
  const latencyTargetMs = learns ? null : (target.value ?? autopilot.latencyTargetMs);
  const body = {
    ...(mode !== autopilot.mode && { mode }),
    ...(least.value !== null && { minPerMinute: least.value }),
    ...(most.value !== null && { maxPerMinute: most.value }),
    ...(step.value !== null && { stepPercent: step.value }),
    ...(latencyTargetMs !== autopilot.latencyTargetMs && { latencyTargetMs }),
  };
  const isWrong = isCrossed || fields.some(({ text, value }) => text !== '' && value === null);
  const submit = async (event: Event) => {
    event.preventDefault();
    const bounds = mode === 'on' ? `, between ${showNumber(from)} and ${showNumber(to)} a minute.` : '';
    const settings = `Bounds ${showNumber(from)} to ${showNumber(to)} a minute (now ${showNumber(autopilot.minPerMinute)} to ${showNumber(autopilot.maxPerMinute)}), step ${step.value ?? autopilot.stepPercent} %, target ${latencyTargetMs === null ? 'learned' : `${showNumber(latencyTargetMs)} ms`}.`;
    const done = await ask({
      title: mode === autopilot.mode ? 'Set the autopilot' : `Switch the autopilot ${modeWord(mode)}`,
      effect: `${modes[mode].effect}${bounds} ${settings}`,
      isDangerous: mode === 'on',
      ...ofRoom(room, 'PUT', 'autopilot', body),
    });
    if (done === null) return;
    setChosen(null);
    setLearned(null);
    for (const { setText } of fields) setText('');
  };
  return (
    <form onSubmit={submit}>
      <fieldset>
        <legend>Mode, now {autopilot.mode}</legend>
        {Object.entries(modes).map(([name, { label }]) => (
          <label class="choice" key={name}>
            <input
              {...{ type: 'radio', name: 'mode', value: name, checked: name === mode }}
              onChange={() => setChosen(isMode(name) ? name : null)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <div class="pair">
        <NumberField
          label={`Lowest pace, now ${showNumber(autopilot.minPerMinute)}`}
          {...{ name: 'least', field: least, step: 'any', hint: 'A number above 0.' }}
        />
        <NumberField
          label={`Highest pace, now ${showNumber(autopilot.maxPerMinute)}`}
          {...{ name: 'most', field: most, step: 'any', hint: 'A number above 0.' }}
        />
        <NumberField
          label={`Step in %, now ${autopilot.stepPercent}`}
          {...{ name: 'step', field: step, step: 'any', min: '1', max: '100', hint: '1 to 100.' }}
        />
        <NumberField
          label={`Target in ms, now ${autopilot.latencyTargetMs === null ? 'learned' : showNumber(autopilot.latencyTargetMs)}`}
          {...{ name: 'target', field: target, min: '10', hint: 'Milliseconds, 10 to 600,000.' }}
        />
      </div>
      <label class="choice">
        <input
          {...{ type: 'checkbox', name: 'learned', checked: learns }}
          onChange={event => setLearned(event.currentTarget.checked)}
        />
        Learn from the shop at ease how fast it answers
      </label>
      {isCrossed && <p class="problem">The lower bound is above the upper one.</p>}
      <button type="submit" disabled={isWrong || Object.keys(body).length === 0}>
        Set the autopilot…
      </button>
    </form>
  );
}

const isMode = (name: string): name is Mode => Object.hasOwn(modes, name);
const modeWord = (mode: Mode): string => (mode === 'shadow' ? 'to shadow' : mode);
