// The draw: with which randomness, how far it has come, and the announced figure that an operator enters.
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { ofRoom, useAsk } from './ask.tsx';
import { Panel } from './panel.tsx';
import type { OfRoom, Seen } from './switches.tsx';
import { showNumber, showWhen } from './words.ts';

type Draw = NonNullable<RoomReport['draw']>;

const sources: Readonly<Record<Draw['announced'], string>> = {
  drand: 'a round of the drand beacon',
  figure: 'a public figure',
  none: 'no public randomness: it is only as honest as its operator',
};

export function DrawSwitch({ room, canSteer }: Seen) {
  const { draw } = room;
  if (draw === null) return null;
  const state = draw.drawn === null ? 'not yet' : draw.revealedWith === null ? 'waits' : 'made';
  return (
    <Panel title="Draw" state={state} isOpen={canSteer && awaitsFigure(draw)}>
      <ul class="found">
        <li>
          Announced: {sources[draw.announced]}
          {draw.named === null ? '' : `, “${draw.named}”`}
        </li>
        {draw.drawn !== null && <li>Sealed with {showNumber(draw.drawn)} numbers</li>}
        {draw.waitsUntil !== null && (
          <li>Waits until {showWhen(draw.waitsUntil)} at most, then it is made without it</li>
        )}
        {draw.fellBack && <li>What was announced did not come in time: the draw was made without it</li>}
        <li class="detail address">Commitment {draw.commitment}</li>
      </ul>
      {canSteer && awaitsFigure(draw) && <FigureForm room={room} named={draw.named ?? ''} />}
    </Panel>
  );
}

const awaitsFigure = ({ announced, drawn, revealedWith }: Draw): boolean =>
  announced === 'figure' && drawn !== null && revealedWith === null;

function FigureForm({ room, named }: OfRoom & { readonly named: string }) {
  const ask = useAsk();
  const [figure, setFigure] = useState('');
  const value = figure.trim();
  const submit = async (event: Event) => {
    event.preventDefault();
    const done = await ask({
      title: `Enter the figure ${value}`,
      effect: `The draw is made with “${value}” as ${named}, exactly as it stands here: every place follows from it, anybody can check it, and it cannot be taken back.`,
      isDangerous: true,
      ...ofRoom(room, 'PUT', 'draw/figure', { value }),
    });
    if (done !== null) setFigure('');
  };
  return (
    <form onSubmit={submit}>
      <label>
        {named}
        <input
          {...{ name: 'figure', value: figure, maxLength: 200, autocomplete: 'off' }}
          onInput={event => setFigure(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="main" disabled={value === ''}>
        Enter the figure…
      </button>
    </form>
  );
}
