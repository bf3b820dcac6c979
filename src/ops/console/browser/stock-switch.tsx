// What is left in the shop, as the line is told it.
import { useState } from 'preact/hooks';
import type { RoomReport } from './api.ts';
import { type Ask, Panel } from './switches.tsx';

type Row = { readonly name: string; readonly remaining: string };

export function StockSwitch({ room, ask }: { readonly room: RoomReport; readonly ask: Ask }) {
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(room));
  const named = rows.filter(({ name }) => name.trim() !== '');
  const change = (index: number, changed: Partial<Row>) =>
    setRows(rows.map((row, at) => (at === index ? { ...row, ...changed } : row)));
  const put = () => {
    const items = named.map(({ name, remaining }) => ({
      name: name.trim(),
      remaining: remaining === '' ? null : Number(remaining),
    }));
    const soldOut = items.filter(({ remaining }) => remaining === 0).map(({ name }) => name);
    const effect = `The line is told what is left${soldOut.length === 0 ? '.' : `, and that this is sold out: ${soldOut.join(', ')}.`}`;
    ask({
      title: 'Tell the stock',
      effect,
      isDangerous: soldOut.length > 0,
      method: 'PUT',
      path: 'stock',
      body: { items },
    });
  };
  const takeAway = () =>
    ask({
      title: 'Say nothing about stock',
      effect: 'The line is told nothing about what is left.',
      isDangerous: false,
      method: 'PUT',
      path: 'stock',
      body: { items: null },
    });
  return (
    <Panel title="Stock">
      {rows.map((row, index) => (
        <div class="pair" key={index}>
          <label>
            Item
            <input
              value={row.name}
              maxLength={80}
              onInput={event => change(index, { name: event.currentTarget.value })}
            />
          </label>
          <label>
            Left (empty: not known)
            <input
              type="number"
              min="0"
              step="1"
              value={row.remaining}
              onInput={event => change(index, { remaining: event.currentTarget.value })}
            />
          </label>
        </div>
      ))}
      <p class="buttons">
        <button type="button" onClick={() => setRows([...rows, { name: '', remaining: '' }])}>
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
