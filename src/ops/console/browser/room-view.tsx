// One room in depth: how it stands, its switches, the last hour, and who turned what.
import type { RoomReport, Session } from './api.ts';
import { AuditTrail } from './audit-trail.tsx';
import { useHistory } from './history.ts';
import { Hour } from './hour.tsx';
import { hrefOf } from './routes.ts';
import { Standing } from './standing.tsx';
import { Switches } from './switches.tsx';
import { conditionOf } from './words.ts';

export function RoomView({ room, session }: { readonly room: RoomReport; readonly session: Session }) {
  const rows = useHistory(room.room);
  const { word, tone } = conditionOf(room);
  const canSteer = session.role !== 'viewer';
  return (
    <main class="deep">
      <div class="top">
        <a href="#/">All rooms</a>
        <h1>
          {room.room} <span class={`tag ${tone}`}>{word}</span>
        </h1>
      </div>
      <Standing room={room} rows={rows} />
      <Switches room={room} canSteer={canSteer} />
      <div class="past">
        <Hour room={room} rows={rows} />
        <AuditTrail room={room} />
        <p class="links">
          <a href={`/api/v1/rooms/${room.room}/report`} target="_blank" rel="noreferrer">
            Report of the sale
          </a>
          <a href={`/api/v1/rooms/${room.room}/report.csv`} download={`${room.room}.csv`}>
            as CSV
          </a>
          <a href={`/_junban/preview?room=${room.room}`} target="_blank" rel="noreferrer">
            Every screen of the fan’s page
          </a>
          <a href={hrefOf({ kind: 'configuration', room: room.room })}>Configuration</a>
        </p>
      </div>
    </main>
  );
}
