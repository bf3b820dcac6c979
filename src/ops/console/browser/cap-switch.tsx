// The active cap: how many devices may be in the shop at once.
import { ofRoom, useAsk } from './ask.tsx';
import { NumberField, Panel, useNumber } from './panel.tsx';
import type { OfRoom } from './switches.tsx';
import { showNumber } from './words.ts';

const capMax = 10_000_000;

export function CapSwitch({ room }: OfRoom) {
  const ask = useAsk();
  const cap = useNumber(value => Number.isInteger(value) && value >= 0 && value <= capMax);
  const submit = async (event: Event) => {
    event.preventDefault();
    const wanted = cap.value;
    if (wanted === null) return;
    const below = `${showNumber(room.active)} are inside now: nobody is sent out, and nobody more is let in until fewer than ${showNumber(wanted)} are left.`;
    const done = await ask({
      title: `Set the cap to ${showNumber(wanted)}`,
      effect: `At most ${showNumber(wanted)} devices are in the shop at once, instead of ${showNumber(room.activeCap)}. ${wanted < room.active ? below : ''}`,
      isDangerous: wanted < room.active || wanted > 2 * room.activeCap,
      ...ofRoom(room, 'PUT', 'cap', { active: wanted }),
    });
    if (done !== null) cap.setText('');
  };
  return (
    <Panel title="Active cap" state={`${showNumber(room.activeCap)} at once`}>
      <form onSubmit={submit}>
        <NumberField
          label={`Devices inside at once, now ${showNumber(room.activeCap)}`}
          {...{ name: 'cap', field: cap, hint: 'A whole number from 0 to 10 million.' }}
        />
        <button type="submit" disabled={cap.value === null}>
          Set the cap…
        </button>
      </form>
    </Panel>
  );
}
