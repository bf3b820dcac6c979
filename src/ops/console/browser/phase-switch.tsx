// Opening the lobby, starting and ending by hand what the times would do by themselves.
import type { RoomReport } from './api.ts';
import { ofRoom, useAsk } from './ask.tsx';
import { Panel } from './panel.tsx';
import type { OfRoom } from './switches.tsx';
import { showNumber } from './words.ts';

type Step = { readonly phase: RoomReport['phase']; readonly title: string; readonly effect: string };

const start: Step = {
  phase: 'open',
  title: 'Start the sale',
  effect: 'The sale starts now, whatever the times say, and calling begins. This cannot be taken back.',
};
const steps: Readonly<Record<RoomReport['phase'], readonly Step[]>> = {
  closed: [
    {
      phase: 'lobby',
      title: 'Open the lobby',
      effect: 'Fans can join from now on, whatever the times say. Their places are drawn at the start.',
    },
    start,
  ],
  lobby: [
    {
      ...start,
      effect:
        'The sale starts now, whatever the times say: the draw is sealed, everybody gets a place, and calling begins. This cannot be taken back.',
    },
  ],
  open: [
    {
      phase: 'ended',
      title: 'End the room',
      effect:
        'Nobody can join any more, and nobody more is called. Everybody in line is told that it is over. Those inside stay inside.',
    },
  ],
  ended: [
    {
      phase: 'open',
      title: 'Open again',
      effect: 'The room is open again; those who still have their tickets have their places.',
    },
  ],
};

export function PhaseSwitch({ room }: OfRoom) {
  const ask = useAsk();
  return (
    <Panel title="Start and end" state={room.phase}>
      <p class="buttons">
        {steps[room.phase].map(({ phase, title, effect }) => {
          const inLine = room.waiting > 0 ? ` ${showNumber(room.waiting)} devices are in line.` : '';
          return (
            <button
              type="button"
              key={phase}
              class="danger"
              onClick={() =>
                void ask({
                  ...{ title, effect: `${effect}${inLine}`, isDangerous: true },
                  ...ofRoom(room, 'PUT', 'phase', { phase }),
                })
              }
            >
              {title}…
            </button>
          );
        })}
      </p>
    </Panel>
  );
}
