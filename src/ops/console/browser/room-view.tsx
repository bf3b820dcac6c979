// One room in depth: how it stands, the last hour, the switches, and who turned them.
import { useEffect, useState } from 'preact/hooks';
import { call, type HistoryRow, type RoomReport, type Session } from './api.ts';
import { AuditTrail } from './audit-trail.tsx';
import { Chart, type Series } from './chart.tsx';
import { Figure } from './rooms-view.tsx';
import { Switches } from './switches.tsx';
import { conditionOf, limitInWords, showDate, showNumber, showTime } from './words.ts';

const historyPeriodMs = 10_000;
const colors = { first: '#1c9ab0', second: '#e64980', third: '#9775fa' };

const line: readonly Series[] = [
  { label: 'in line', color: colors.first, value: row => row.room.waiting },
  { label: 'called', color: colors.second, value: row => row.room.called },
  { label: 'inside', color: colors.third, value: row => row.room.active },
];
const flow: readonly Series[] = [
  { label: 'joins', color: colors.first, value: row => row.joinsPerMinute },
  { label: 'let in', color: colors.second, value: row => row.admissionsPerMinute },
  { label: 'pace', color: colors.third, value: row => row.room.pacePerMinute },
];
const latency: readonly Series[] = [
  { label: 'half within', color: colors.first, value: row => row.shop.p50Ms },
  { label: '90 % within', color: colors.second, value: row => row.shop.p90Ms },
];
const trouble: readonly Series[] = [
  { label: 'errors', color: colors.second, value: row => share(row.shop.errors, row.shop.answers) },
  { label: 'signatures', color: colors.third, value: row => share(row.shop.signatures, row.shop.answers) },
];

const share = (part: number, all: number): number | null => (all === 0 ? null : Math.round((1_000 * part) / all) / 10);

export function RoomView({ room, session }: { readonly room: RoomReport; readonly session: Session }) {
  const rows = useHistory(room.room);
  const { word, tone } = conditionOf(room);
  return (
    <main>
      <p>
        <a href="#/">All rooms</a>
      </p>
      <h1>
        {room.room} <span class={`tag ${tone}`}>{word}</span>
      </h1>
      <Notices room={room} />
      <Standing room={room} row={rows.at(-1)} />
      <section aria-labelledby="hour">
        <h2 id="hour">The last hour</h2>
        <div class="charts">
          <Chart title="The line" unit="devices" rows={rows} series={line} />
          <Chart title="The flow" unit="per minute" rows={rows} series={flow} />
          <Chart title="Answers of the shop" unit="ms" rows={rows} series={latency} />
          <Chart title="Trouble in the shop" unit="% of answers" rows={rows} series={trouble} />
        </div>
      </section>
      {session.role !== 'viewer' && <Switches room={room} />}
      <AuditTrail room={room} />
    </main>
  );
}

function Notices({ room }: { readonly room: RoomReport }) {
  const notices = [
    room.storeTrouble === null
      ? null
      : `The store does not answer: ${room.storeTrouble}. The numbers are the last known.`,
    room.shopFailing ? 'The shop is failing. Nobody is called, and nobody’s time runs.' : null,
    room.paused ? 'Paused by an operator. Nobody is called or let in.' : null,
    room.message === null ? null : `The line reads: “${room.message}”`,
    ...room.differences.map(
      ({ setting, file, now }) =>
        `${setting} is ${String(now ?? 'not set')}; the file says ${String(file ?? 'nothing')}.`,
    ),
  ].filter(notice => notice !== null);
  if (notices.length === 0) return null;
  return (
    <ul class="notices">
      {notices.map(notice => (
        <li key={notice}>{notice}</li>
      ))}
    </ul>
  );
}

function Standing({ room, row }: { readonly room: RoomReport; readonly row: HistoryRow | undefined }) {
  const { autopilot } = room;
  return (
    <section aria-labelledby="now">
      <h2 id="now">
        Now <span class="unit">as of {showTime(room.asOf)}</span>
      </h2>
      <dl class="figures">
        <Figure label="In line" value={showNumber(room.waiting)} />
        <Figure label="Present" value={showNumber(room.present)} />
        <Figure label="Called" value={showNumber(room.called)} />
        <Figure label="Inside" value={`${showNumber(room.active)} / ${showNumber(room.activeCap)}`} />
        <Figure label="Pace" value={`${showNumber(room.pacePerMinute)}/min`} />
        <Figure label="Joins" value={row === undefined ? '–' : `${showNumber(row.joinsPerMinute)}/min`} />
        <Figure label="Let in, ever" value={showNumber(room.admitted)} />
        <Figure label="No-shows, ever" value={showNumber(room.noShows)} />
        <Figure label="Numbers handed out" value={showNumber(room.handedOut)} />
        <Figure label="Starts" value={showDate(room.startsAt)} />
      </dl>
      <p>{limitInWords(room)}</p>
      {autopilot.mode !== 'off' && (
        <p>
          Autopilot ({autopilot.mode}):{' '}
          {autopilot.pacePerMinute === null ? 'no pace yet' : `${showNumber(autopilot.pacePerMinute)}/min`}
          {autopilot.reason === null ? '' : `, ${autopilot.reason}`}.
        </p>
      )}
      {room.stock !== null && (
        <p>
          Stock:{' '}
          {room.stock
            .map(({ name, remaining }) => `${name} ${remaining === null ? 'not known' : showNumber(remaining)}`)
            .join(', ')}
          .
        </p>
      )}
    </section>
  );
}

function useHistory(room: string): readonly HistoryRow[] {
  const [rows, setRows] = useState<readonly HistoryRow[]>([]);
  useEffect(() => {
    const read = async () => {
      const reply = await call<{ readonly rows: readonly HistoryRow[] }>('GET', `rooms/${room}/history?minutes=60`);
      if (reply.kind === 'ok') setRows(reply.value.rows);
    };
    void read();
    const timer = setInterval(read, historyPeriodMs);
    return () => clearInterval(timer);
  }, [room]);
  return rows;
}
