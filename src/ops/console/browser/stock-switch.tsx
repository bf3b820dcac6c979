// What is left in the shop, as the line is told it. Follows what others tell until somebody types here.
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { ofRoom, useAsk } from './ask.tsx';
import { Panel } from './panel.tsx';
import type { OfRoom } from './switches.tsx';
import { showValue } from './words.ts';

type Row = { readonly name: string; readonly remaining: string };
type Draft = { readonly rows: readonly Row[]; readonly basis: string };

const itemsMax = 50;

export function StockSwitch({ room }: OfRoom) {
  const ask = useAsk();
  const [draft, setDraft] = useState<Draft | null>(null);
  const told = showValue(room.stock);
  const rows = draft?.rows ?? rowsOf(room);
  const named = rows.filter(({ name }) => name.trim() !== '');
  const isOvertaken = draft !== null && draft.basis !== told;
  const edit = (edited: readonly Row[]) => setDraft({ rows: edited, basis: draft?.basis ?? told });
  const change = (index: number, changed: Partial<Row>) =>
    edit(rows.map((row, at) => (at === index ? { ...row, ...changed } : row)));
  const put = async () => {
    const items = named.map(({ name, remaining }) => ({
      name: name.trim(),
      remaining: remaining === '' ? null : Number(remaining),
    }));
    const soldOut = items.filter(({ remaining }) => remaining === 0).map(({ name }) => name);
    const done = await ask({
      title: 'Tell the stock',
      effect: `The line is told what is left: ${showValue(items)}${soldOut.length === 0 ? '.' : `, and that this is sold out: ${soldOut.join(', ')}.`} Until now it was told: ${told}.`,
      isDangerous: soldOut.length > 0,
      ...ofRoom(room, 'PUT', 'stock', { items }),
    });
    if (done !== null) setDraft(null);
  };
  const takeAway = async () => {
    const done = await ask({
      title: 'Say nothing about stock',
      effect: `The line is told nothing about what is left. Until now it was told: ${told}.`,
      isDangerous: false,
      ...ofRoom(room, 'PUT', 'stock', { items: null }),
    });
    if (done !== null) setDraft(null);
  };
  return (
    <Panel title="Stock" state={room.stock === null ? 'nothing is told' : told}>
      {rows.map((row, index) => (
        <div class="pair wide" key={index}>
          <label>
            Item
            <input
              value={row.name}
              maxLength={80}
              onInput={event => change(index, { name: event.currentTarget.value })}
            />
          </label>
          <label>
            Left
            <input
              {...{ type: 'number', inputMode: 'numeric', min: '0', step: '1', value: row.remaining }}
              placeholder="not known"
              onInput={event => change(index, { remaining: event.currentTarget.value })}
            />
          </label>
          <button
            type="button"
            class="icon"
            aria-label={`Remove ${row.name || 'this item'}`}
            onClick={() => edit(rows.filter((_, at) => at !== index))}
          >
            ×
          </button>
        </div>
      ))}
      {isOvertaken && (
        <p class="problem" role="alert">
          Somebody else has told this meanwhile: {told}.{' '}
          <button type="button" onClick={() => setDraft(null)}>
            Take theirs
          </button>
        </p>
      )}
      <p class="buttons">
        <button
          type="button"
          disabled={rows.length >= itemsMax}
          onClick={() => edit([...rows, { name: '', remaining: '' }])}
        >
          Add an item
        </button>
        <button type="button" disabled={named.length === 0} onClick={put}>
          Tell the stock…
        </button>
        <button type="button" disabled={room.stock === null} onClick={takeAway}>
          Say nothing…
        </button>
      </p>
    </Panel>
  );
}

function rowsOf({ stock }: RoomReport): readonly Row[] {
  const rows = (stock ?? []).map(({ name, remaining }) => ({
    name,
    remaining: remaining === null ? '' : String(remaining),
  }));
  return rows.length > 0 ? rows : [{ name: '', remaining: '' }];
}
