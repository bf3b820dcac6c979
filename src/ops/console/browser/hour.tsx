// The last hour of a room in charts: the line, the flow, how the shop answers, and what the autopilot decided.
import type { HistoryRow, RoomReport } from './api.ts';
import { Chart, type Series } from './chart.tsx';
import { showNumber, showTime } from './words.ts';

const colors = { first: '#1c9ab0', second: '#e64980', third: '#9775fa' };

const line: readonly Series[] = [
  { label: 'in line', color: colors.first, value: row => row.room.waiting },
  { label: 'called', color: colors.second, value: row => row.room.called },
];
const inside: readonly Series[] = [
  { label: 'inside', color: colors.first, value: row => row.room.active },
  { label: 'cap', color: colors.third, value: row => row.room.activeCap },
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
const load: readonly Series[] = [
  { label: 'answers', color: colors.first, value: row => row.shop.answers / 10 },
  { label: 'in flight', color: colors.second, value: row => row.shop.inFlight },
];

const share = (part: number, all: number): number | null => (all === 0 ? null : Math.round((1_000 * part) / all) / 10);

export function Hour({ room, rows }: { readonly room: RoomReport; readonly rows: readonly HistoryRow[] }) {
  return (
    <section aria-labelledby="hour">
      <h2 id="hour">The last hour</h2>
      {rows.length < 2 ? (
        <p>A value comes every ten seconds; the charts begin with the second.</p>
      ) : (
        <div class="charts">
          <Chart title="The line" unit="devices" rows={rows} series={line} />
          <Chart title="The flow" unit="a minute" rows={rows} series={flow} />
          <Chart title="Inside the shop" unit="devices" rows={rows} series={inside} />
          <Chart title="Answers of the shop" unit="ms" rows={rows} series={latency} />
          <Chart title="Trouble in the shop" unit="% of answers" rows={rows} series={trouble} />
          <Chart title="Load of the shop" unit="a second; at once" rows={rows} series={load} />
        </div>
      )}
      {room.autopilot.mode !== 'off' && <Decisions rows={rows} />}
    </section>
  );
}

const decisionsMax = 8;

/** What the autopilot decided, newest first: the rows where its pace became another one. */
function Decisions({ rows }: { readonly rows: readonly HistoryRow[] }) {
  const decided = rows.flatMap((row, index) => {
    const { pacePerMinute, reason } = row.room.autopilot;
    const before = rows[index - 1]?.room.autopilot.pacePerMinute ?? null;
    return pacePerMinute === null || pacePerMinute === before ? [] : [{ ...row, pacePerMinute, reason, before }];
  });
  if (decided.length === 0) return null;
  return (
    <>
      <h3>What the autopilot decided</h3>
      <ol class="trail">
        {decided
          .slice(-decisionsMax)
          .reverse()
          .map(({ atMs, pacePerMinute, before, reason }) => (
            <li key={atMs}>
              <time dateTime={new Date(atMs).toISOString()}>{showTime(atMs)}</time>{' '}
              <b>
                {before === null ? '' : `${showNumber(before)} → `}
                {showNumber(pacePerMinute)}/min
              </b>{' '}
              {reason}
            </li>
          ))}
      </ol>
    </>
  );
}
