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

function useAutopilotDraft({ autopilot }: RoomReport) {
  const [chosen, setChosen] = useState<Mode | null>(null);
  const [isLearned, setLearned] = useState<boolean | null>(null);
  const least = useNumber(value => value > 0 && value <= 1_000_000);
  const most = useNumber(value => value > 0 && value <= 1_000_000);
  const step = useNumber(value => value >= 1 && value <= 100);
  const target = useNumber(value => value >= 10 && value <= 600_000);
  const fields = [least, most, step, target];
  const mode = chosen ?? autopilot.mode;
  const learns = target.text === '' && (isLearned ?? autopilot.latencyTargetMs === null);
  const [from, to] = [least.value ?? autopilot.minPerMinute, most.value ?? autopilot.maxPerMinute];
  const stepPercent = step.value ?? autopilot.stepPercent;
  const latencyTargetMs = learns ? null : (target.value ?? autopilot.latencyTargetMs);
  const body = {
    ...(mode !== autopilot.mode && { mode }),
    ...(from !== autopilot.minPerMinute && { minPerMinute: from }),
    ...(to !== autopilot.maxPerMinute && { maxPerMinute: to }),
    ...(stepPercent !== autopilot.stepPercent && { stepPercent }),
    ...(latencyTargetMs !== autopilot.latencyTargetMs && { latencyTargetMs }),
  };
  const learn = (wanted: boolean) => {
    setLearned(wanted);
    if (wanted) target.setText('');
  };
  return {
    ...{
      least,
      most,
      step,
      target,
      mode,
      learns,
      from,
      to,
      stepPercent,
      latencyTargetMs,
      body,
      choose: setChosen,
      learn,
    },
    isCrossed: from > to,
    isWrong: from > to || fields.some(({ text, value }) => text !== '' && value === null),
    clear() {
      setChosen(null);
      setLearned(null);
      for (const { setText } of fields) setText('');
    },
  };
}

type AutopilotDraft = ReturnType<typeof useAutopilotDraft>;

function effectOf({ mode, from, to, stepPercent, latencyTargetMs }: AutopilotDraft, { autopilot }: RoomReport): string {
  const bounds = mode === 'on' ? `, between ${showNumber(from)} and ${showNumber(to)} a minute.` : '';
  const target = latencyTargetMs === null ? 'learned' : `${showNumber(latencyTargetMs)} ms`;
  return `${modes[mode].effect}${bounds} Bounds ${showNumber(from)} to ${showNumber(to)} a minute (now ${showNumber(autopilot.minPerMinute)} to ${showNumber(autopilot.maxPerMinute)}), step ${stepPercent} %, target ${target}.`;
}

function AutopilotForm({ room }: OfRoom) {
  const ask = useAsk();
  const { autopilot } = room;
  const draft = useAutopilotDraft(room);
  const { mode, body, isCrossed, isWrong, learns } = draft;
  const submit = async (event: Event) => {
    event.preventDefault();
    const done = await ask({
      title: mode === autopilot.mode ? 'Set the autopilot' : `Switch the autopilot ${modeWord(mode)}`,
      effect: effectOf(draft, room),
      isDangerous: mode === 'on',
      ...ofRoom(room, 'PUT', 'autopilot', body),
    });
    if (done !== null) draft.clear();
  };
  return (
    <form onSubmit={submit}>
      <fieldset>
        <legend>Mode, now {autopilot.mode}</legend>
        {Object.entries(modes).map(([name, { label }]) => (
          <label class="choice" key={name}>
            <input
              {...{ type: 'radio', name: 'mode', value: name, checked: name === mode }}
              onChange={() => draft.choose(isMode(name) ? name : null)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <BoundFields room={room} draft={draft} />
      <label class="choice">
        <input
          {...{ type: 'checkbox', name: 'learned', checked: learns }}
          onChange={event => draft.learn(event.currentTarget.checked)}
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

function BoundFields({ room: { autopilot }, draft }: OfRoom & { readonly draft: AutopilotDraft }) {
  const target = autopilot.latencyTargetMs === null ? 'learned' : showNumber(autopilot.latencyTargetMs);
  return (
    <div class="pair">
      <NumberField
        label={`Lowest pace, now ${showNumber(autopilot.minPerMinute)}`}
        {...{ name: 'least', field: draft.least, step: 'any', hint: 'A number above 0.' }}
      />
      <NumberField
        label={`Highest pace, now ${showNumber(autopilot.maxPerMinute)}`}
        {...{ name: 'most', field: draft.most, step: 'any', hint: 'A number above 0.' }}
      />
      <NumberField
        label={`Step in %, now ${autopilot.stepPercent}`}
        {...{ name: 'step', field: draft.step, step: 'any', min: '1', max: '100', hint: '1 to 100.' }}
      />
      <NumberField
        label={`Target in ms, now ${target}`}
        {...{ name: 'target', field: draft.target, min: '10', hint: 'Milliseconds, 10 to 600,000.' }}
      />
    </div>
  );
}

const isMode = (name: string): name is Mode => Object.hasOwn(modes, name);
const modeWord = (mode: Mode): string => (mode === 'shadow' ? 'to shadow' : mode);
