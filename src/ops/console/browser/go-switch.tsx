// Stop and go: pause, drain, and the operator's word that the shop is failing.
import type { RoomReport } from './api.ts';
import { ofRoom, type Question, useAsk } from './ask.tsx';
import { Panel } from './panel.tsx';
import type { OfRoom } from './switches.tsx';
import { showNumber } from './words.ts';

export function GoSwitch({ room }: OfRoom) {
  const ask = useAsk();
  const stops = [room.paused && 'paused', room.draining && 'draining', room.shopFailing && 'shop failing'];
  const button = (question: Question) => (
    <button type="button" class={question.isDangerous ? 'danger' : 'main'} onClick={() => void ask(question)}>
      {question.title}…
    </button>
  );
  return (
    <Panel title="Stop and go" state={stops.filter(Boolean).join(', ') || 'going'} isOpen>
      <p class="buttons">
        {button(room.paused ? resume(room) : pause(room))}
        {button(room.draining ? stopDraining(room) : drain(room))}
        {button(room.shopFailing ? shopIsWell(room) : shopFails(room))}
      </p>
    </Panel>
  );
}

const pause = (room: RoomReport): Question => ({
  title: 'Pause the room',
  effect: `Nobody more is called or let in, from now on, on every gateway. ${showNumber(room.waiting)} devices keep waiting, ${showNumber(room.called)} that are called keep their turn and their time stands still. The ${showNumber(room.active)} inside stay inside.`,
  isDangerous: true,
  ...ofRoom(room, 'POST', 'pause'),
});

const resume = (room: RoomReport): Question => ({
  title: 'End the pause',
  effect: `Calling goes on at ${showNumber(room.pacePerMinute)} a minute, for ${showNumber(room.waiting)} devices in line.`,
  isDangerous: false,
  ...ofRoom(room, 'POST', 'resume'),
});

const drain = (room: RoomReport): Question => ({
  title: 'Drain the room',
  effect: `Nobody new is called. ${showNumber(room.called)} that are called may still come in, the ${showNumber(room.active)} inside go on until they are done, and ${showNumber(room.waiting)} devices keep waiting.`,
  isDangerous: true,
  ...ofRoom(room, 'POST', 'drain', { on: true }),
});

const stopDraining = (room: RoomReport): Question => ({
  title: 'Stop draining',
  effect: `Calling goes on at ${showNumber(room.pacePerMinute)} a minute, for ${showNumber(room.waiting)} devices in line.`,
  isDangerous: false,
  ...ofRoom(room, 'POST', 'drain', { on: false }),
});

const shopFails = (room: RoomReport): Question => ({
  title: 'Say the shop is failing',
  effect: `Nobody is called or let in, and the line is told that the shop has trouble. The time of the ${showNumber(room.active)} inside and of the ${showNumber(room.called)} that are called stands still until you take it back.`,
  isDangerous: true,
  ...ofRoom(room, 'PUT', 'shop', { failing: true }),
});

const shopIsWell = (room: RoomReport): Question => ({
  title: 'Take back that the shop is failing',
  effect:
    'Your word that the shop is failing ends. While the gateways themselves see it fail, it stays so until it answers well again.',
  isDangerous: false,
  ...ofRoom(room, 'PUT', 'shop', { failing: false }),
});
