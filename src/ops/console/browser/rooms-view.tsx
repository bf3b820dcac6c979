// All rooms at a glance: what each is doing, how long its line is, how full the shop.
import type { RoomReport } from './api.ts';
import { conditionOf, showNumber } from './words.ts';

export function RoomsView({ rooms }: { readonly rooms: readonly RoomReport[] }) {
  return (
    <main>
      <h1>Rooms</h1>
      <ul class="rooms">
        {rooms.map(room => (
          <RoomCard key={room.room} room={room} />
        ))}
      </ul>
    </main>
  );
}

function RoomCard({ room }: { readonly room: RoomReport }) {
  const { word, tone } = conditionOf(room);
  return (
    <li class="card">
      <h2>
        <a href={`#/room/${room.room}`}>{room.room}</a> <span class={`tag ${tone}`}>{word}</span>
      </h2>
      <dl class="figures">
        <Figure label="In line" value={showNumber(room.waiting)} />
        <Figure label="Called" value={showNumber(room.called)} />
        <Figure label="Inside" value={`${showNumber(room.active)} / ${showNumber(room.activeCap)}`} />
        <Figure label="Pace" value={`${showNumber(room.pacePerMinute)}/min`} />
      </dl>
    </li>
  );
}

export function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
