// What is left in the shop, as the line is told it. Follows what others tell until somebody types here.
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { ofRoom, useAsk } from './ask.tsx';
import { Overtaken, Panel } from './panel.tsx';
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
      <RowFields rows={rows} onEdit={edit} />
      {isOvertaken && <Overtaken told={told} onTake={() => setDraft(null)} />}
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

type RowsNeeds = { readonly rows: readonly Row[]; readonly onEdit: (rows: readonly Row[]) => void };

function RowFields({ rows, onEdit }: RowsNeeds) {
  const change = (index: number, changed: Partial<Row>) =>
    onEdit(rows.map((row, at) => (at === index ? { ...row, ...changed } : row)));
  return (
    <>
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
            onClick={() => onEdit(rows.filter((_, at) => at !== index))}
          >
            ×
          </button>
        </div>
      ))}
    </>
  );
}

function rowsOf({ stock }: RoomReport): readonly Row[] {
  const rows = (stock ?? []).map(({ name, remaining }) => ({
    name,
    remaining: remaining === null ? '' : String(remaining),
  }));
  return rows.length > 0 ? rows : [{ name: '', remaining: '' }];
}
