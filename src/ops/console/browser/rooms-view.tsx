// All rooms at a glance, those in trouble first: what each is doing, how long its line is, how full the shop.
import { useState } from 'preact/hooks';
import type { RoomReport, Session } from './api.ts';
import { hrefOf } from './routes.ts';
import { conditionOf, nextTimeOf, showCountdown, showNumber, type Tone } from './words.ts';

const order: readonly Tone[] = ['bad', 'warn', 'good', 'still'];
/** With fewer than these nothing needs to be searched. */
const searchedFrom = 9;

export function RoomsView({ rooms, session }: { readonly rooms: readonly RoomReport[]; readonly session: Session }) {
  const [search, setSearch] = useState('');
  const rank = (room: RoomReport): number => order.indexOf(conditionOf(room).tone);
  const shown = rooms
    .filter(({ room }) => room.includes(search.trim().toLowerCase()))
    .sort((left, right) => rank(left) - rank(right) || left.room.localeCompare(right.room));
  return (
    <main>
      <div class="top">
        <h1>Rooms</h1>
        {rooms.length >= searchedFrom && (
          <label class="search">
            Find a room
            <input type="search" value={search} onInput={event => setSearch(event.currentTarget.value)} />
          </label>
        )}
        {session.role === 'admin' && (
          <a class="button" href={hrefOf({ kind: 'new-room' })}>
            New room…
          </a>
        )}
      </div>
      {rooms.length === 0 && <p>There are no rooms yet.</p>}
      <ul class="rooms">
        {shown.map(room => (
          <RoomCard key={room.room} room={room} />
        ))}
      </ul>
    </main>
  );
}

function RoomCard({ room }: { readonly room: RoomReport }) {
  const { word, tone } = conditionOf(room);
  const next = nextTimeOf(room);
  return (
    <li class={`card edge ${tone}-edge`}>
      <h2>
        <a href={hrefOf({ kind: 'room', room: room.room })}>{room.room}</a> <span class={`tag ${tone}`}>{word}</span>
      </h2>
      <dl class="figures small">
        <Figure label="In line" value={showNumber(room.waiting)} />
        <Figure label="Called" value={showNumber(room.called)} />
        <Figure label="Inside" value={showNumber(room.active)} of={room.activeCap} part={room.active} />
        <Figure label="Pace" value={showNumber(room.pacePerMinute)} unit="/min" />
      </dl>
      {next !== null && (
        <p class="detail">
          {next.what} in {showCountdown(Date.parse(next.at) - Date.parse(room.asOf))}
        </p>
      )}
    </li>
  );
}

type FigureNeeds = {
  readonly label: string;
  readonly value: string;
  readonly unit?: string;
  /** Of how many, with a bar that shows how much of it `part` is. */
  readonly of?: number;
  readonly part?: number;
};

export function Figure({ label, value, unit, of, part = 0 }: FigureNeeds) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {value}
        {unit !== undefined && <span class="unit">{unit}</span>}
        {of !== undefined && <span class="unit"> / {showNumber(of)}</span>}
        {of !== undefined && (
          <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="all" width="100" height="4" />
            <rect
              class={part >= of ? 'full' : 'part'}
              width={of === 0 ? 100 : Math.min(100, (100 * part) / of)}
              height="4"
            />
          </svg>
        )}
      </dd>
    </div>
  );
}
