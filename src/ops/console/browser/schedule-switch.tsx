// When the room opens, starts and ends, in the time of the operator's own clock, whose zone is named.
import { useState } from 'preact/hooks';
import { ofRoom, useAsk } from './ask.tsx';
import { Panel } from './panel.tsx';
import type { OfRoom } from './switches.tsx';
import { nextTimeOf, showDate, showWhen } from './words.ts';

const times = [
  ['opensAt', 'Lobby opens'],
  ['startsAt', 'Sale starts'],
  ['endsAt', 'Room ends'],
] as const;

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ScheduleSwitch({ room }: OfRoom) {
  const ask = useAsk();
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const set = times.flatMap(([name, label]) => {
    const value = given[name] ?? '';
    const at = new Date(value);
    return value === '' || Number.isNaN(at.getTime()) ? [] : [{ name, label, at: at.toISOString() }];
  });
  const submit = async (event: Event) => {
    event.preventDefault();
    const words = set.map(({ name, label, at }) => `${label} ${showDate(at)} (now ${showDate(room[name])})`).join('; ');
    const done = await ask({
      title: 'Move the times',
      effect: `${words}. Times of ${zone}. Everybody in line is told at once.`,
      isDangerous: true,
      ...ofRoom(room, 'PUT', 'schedule', Object.fromEntries(set.map(({ name, at }) => [name, at]))),
    });
    if (done !== null) setGiven({});
  };
  const next = nextTimeOf(room);
  return (
    <Panel title="Times" state={next === null ? 'nothing planned' : `${next.what.toLowerCase()} ${showWhen(next.at)}`}>
      <form onSubmit={submit}>
        {times.map(([name, label]) => (
          <label key={name}>
            {label}, now {showDate(room[name])}
            <input
              {...{ type: 'datetime-local', step: 1, name, value: given[name] ?? '' }}
              onInput={event => setGiven({ ...given, [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <p class="detail">Times of this device: {zone}. What is left empty stays.</p>
        <button type="submit" disabled={set.length === 0}>
          Move the times…
        </button>
      </form>
    </Panel>
  );
}
