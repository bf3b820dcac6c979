// The switches of a room. Each asks once, in words that name the effect, before it is turned.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { Confirm, type Question } from './confirm.tsx';
import { MessageSwitch } from './message-switch.tsx';
import { PaceSwitch } from './pace-switch.tsx';
import { ScheduleSwitch } from './schedule-switch.tsx';
import { StockSwitch } from './stock-switch.tsx';
import { showNumber } from './words.ts';

export type Ask = (question: Question) => void;

export function Switches({ room }: { readonly room: RoomReport }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [done, setDone] = useState('');
  const close = (isDone: boolean) => {
    if (isDone && question !== null) setDone(`Done: ${question.title}.`);
    setQuestion(null);
  };
  return (
    <section aria-labelledby="switches">
      <h2 id="switches">Switches</h2>
      <p role="status">{done}</p>
      <div class="switches">
        <PauseSwitch room={room} ask={setQuestion} />
        <PaceSwitch room={room} ask={setQuestion} />
        <CapSwitch room={room} ask={setQuestion} />
        <PhaseSwitch room={room} ask={setQuestion} />
        <MessageSwitch room={room} ask={setQuestion} />
        <StockSwitch room={room} ask={setQuestion} />
        <ScheduleSwitch room={room} ask={setQuestion} />
      </div>
      {question !== null && <Confirm room={room} question={question} onClose={close} />}
    </section>
  );
}

export function Panel({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="card">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

type Needs = { readonly room: RoomReport; readonly ask: Ask };

function PauseSwitch({ room, ask }: Needs) {
  const pause: Question = {
    title: 'Pause the room',
    effect: `Nobody more is called or let in, from now on, on every gateway. ${showNumber(room.waiting)} devices keep waiting, ${showNumber(room.called)} that are called keep their turn and their time stands still. The ${showNumber(room.active)} inside stay inside.`,
    isDangerous: true,
    ...{ method: 'POST', path: 'pause', body: {} },
  };
  const resume: Question = {
    title: 'End the pause',
    effect: `Calling goes on at ${showNumber(room.pacePerMinute)} a minute, for ${showNumber(room.waiting)} devices in line.`,
    isDangerous: false,
    ...{ method: 'POST', path: 'resume', body: {} },
  };
  return (
    <Panel title="Pause">
      <p>{room.paused ? 'The room is paused.' : 'The room is not paused.'}</p>
      <button type="button" class={room.paused ? 'main' : 'danger'} onClick={() => ask(room.paused ? resume : pause)}>
        {room.paused ? 'End the pause…' : 'Pause…'}
      </button>
    </Panel>
  );
}

function CapSwitch({ room, ask }: Needs) {
  const [cap, setCap] = useState('');
  const wanted = Number(cap);
  const isGood = cap !== '' && Number.isInteger(wanted) && wanted >= 0;
  const effect =
    wanted < room.active
      ? `${showNumber(room.active)} are inside now: nobody is sent out, and nobody more is let in until fewer than ${showNumber(wanted)} are left.`
      : `At most ${showNumber(wanted)} devices are in the shop at once, instead of ${showNumber(room.activeCap)}.`;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isGood)
      ask({
        title: `Set the cap to ${showNumber(wanted)}`,
        effect,
        isDangerous: wanted < room.active,
        method: 'PUT',
        path: 'cap',
        body: { active: wanted },
      });
  };
  return (
    <Panel title="Active cap">
      <form onSubmit={submit}>
        <label>
          Devices inside at once, now {showNumber(room.activeCap)}
          <input
            type="number"
            name="cap"
            min="0"
            step="1"
            value={cap}
            onInput={event => setCap(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={!isGood}>
          Set the cap…
        </button>
      </form>
    </Panel>
  );
}

const phaseSteps: Readonly<Record<RoomReport['phase'], readonly (readonly [RoomReport['phase'], string, string])[]>> = {
  closed: [
    ['lobby', 'Open the lobby', 'Fans can join from now on. Their places are drawn at the start.'],
    ['open', 'Start the sale', 'The sale starts now, whatever the schedule says, and calling begins.'],
  ],
  lobby: [
    [
      'open',
      'Start the sale',
      'The sale starts now, whatever the schedule says: the draw is sealed, everybody gets a place, and calling begins. This cannot be taken back.',
    ],
  ],
  open: [
    [
      'ended',
      'End the room',
      'Nobody can join any more, and nobody more is called. Everybody in line is told that it is over. Those inside stay inside.',
    ],
  ],
  ended: [['open', 'Open again', 'The room is open again; those who still have their tickets have their places.']],
};

function PhaseSwitch({ room, ask }: Needs) {
  return (
    <Panel title="Start and end">
      <p>The room is {room.phase}.</p>
      <p class="buttons">
        {phaseSteps[room.phase].map(([phase, title, effect]) => (
          <button
            type="button"
            key={phase}
            class={phase === 'ended' ? 'danger' : ''}
            onClick={() => {
              const told = phase === 'ended' ? `${effect} ${showNumber(room.waiting)} devices are in line.` : effect;
              ask({ title, effect: told, isDangerous: true, method: 'PUT', path: 'phase', body: { phase } });
            }}
          >
            {title}…
          </button>
        ))}
      </p>
    </Panel>
  );
}
