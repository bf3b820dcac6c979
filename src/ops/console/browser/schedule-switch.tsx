// When the room opens, starts and ends, in the time of the operator's own clock, whose zone is named.
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { type Ask, Panel } from './switches.tsx';
import { showDate } from './words.ts';

const times = [
  ['opensAt', 'Lobby opens'],
  ['startsAt', 'Sale starts'],
  ['endsAt', 'Room ends'],
] as const;

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ScheduleSwitch({ room, ask }: { readonly room: RoomReport; readonly ask: Ask }) {
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const set = times.flatMap(([name, label]) => {
    const value = given[name];
    return value === undefined || value === '' ? [] : [{ name, label, at: new Date(value).toISOString() }];
  });
  const submit = (event: Event) => {
    event.preventDefault();
    const words = set.map(({ label, at }) => `${label} ${showDate(at)}`).join('; ');
    const body = Object.fromEntries(set.map(({ name, at }) => [name, at]));
    ask({
      title: 'Move the times',
      effect: `${words} (${zone}). Everybody in line is told at once.`,
      isDangerous: true,
      method: 'PUT',
      path: 'schedule',
      body,
    });
  };
  return (
    <Panel title="Times">
      <form onSubmit={submit}>
        {times.map(([name, label]) => (
          <label key={name}>
            {label}, now {showDate(room[name])}
            <input
              type="datetime-local"
              name={name}
              value={given[name] ?? ''}
              onInput={event => setGiven({ ...given, [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <p class="unit">Times of this device: {zone}.</p>
        <button type="submit" disabled={set.length === 0}>
          Move the times…
        </button>
      </form>
    </Panel>
  );
}
