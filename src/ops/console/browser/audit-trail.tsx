// Who turned which switch, newest first: of one room beside its charts, or of everything as a page of its own.
import { useEffect, useState } from 'preact/hooks';
import { type Audited, call, type RoomReport } from './api.ts';
import { changeOf, deedOf, doubtOf, told } from './deeds.ts';
import { hrefOf } from './routes.ts';
import { showWhen } from './words.ts';

const pageMax = 200;
const shownMax = 10;

type Page = { readonly records: readonly Audited[] };
const read = (before: number | null) =>
  call<Page>('GET', `audit?limit=${pageMax}${before === null ? '' : `&before=${before}`}`);

export function AuditTrail({ room }: { readonly room: RoomReport }) {
  const [records, setRecords] = useState<readonly Audited[] | null>(null);
  const { revision } = room;
  useEffect(() => {
    void read(null).then(reply => {
      if (reply.kind === 'ok') setRecords(told(reply.value.records).filter(record => record.room === room.room));
    });
  }, [room.room, revision]);
  if (records === null) return null;
  return (
    <section aria-labelledby="audit">
      <h2 id="audit">Audit trail</h2>
      {records.length === 0 && <p>Nobody has steered this room lately.</p>}
      <Records records={records.slice(0, shownMax)} withRooms={false} />
      <p>
        <a href={hrefOf({ kind: 'trail' })}>The whole trail</a>
      </p>
    </section>
  );
}

export function AuditView({ rooms }: { readonly rooms: readonly RoomReport[] }) {
  const [records, setRecords] = useState<readonly Audited[]>([]);
  const [isWhole, setWhole] = useState(true);
  const [problem, setProblem] = useState<string | null>(null);
  const [room, setRoom] = useState('');
  const more = async (known: readonly Audited[]) => {
    const reply = await read(known.at(-1)?.position ?? null);
    setProblem(reply.kind === 'ok' ? null : reply.detail);
    if (reply.kind !== 'ok') return;
    setRecords([...known, ...reply.value.records]);
    setWhole(reply.value.records.length < pageMax);
  };
  // Whatever is steered anywhere raises a revision: the trail has news then.
  const revisions = rooms.map(({ revision }) => revision).join();
  useEffect(() => void more([]), [revisions]);
  const shown = told(records).filter(record => room === '' || record.room === room);
  return (
    <main>
      <div class="top">
        <h1>Audit trail</h1>
        <label class="search">
          Of
          <select value={room} onChange={event => setRoom(event.currentTarget.value)}>
            <option value="">everything</option>
            {rooms.map(each => (
              <option key={each.room}>{each.room}</option>
            ))}
          </select>
        </label>
        <a class="button" href="/api/v1/audit/export" download="audit.ndjson">
          Download it whole
        </a>
      </div>
      {problem !== null && <p class="problem">{problem}</p>}
      {shown.length === 0 && problem === null && <p>Nothing here.</p>}
      <Records records={shown} withRooms />
      {!isWhole && (
        <p>
          <button type="button" onClick={() => void more(records)}>
            Older ones
          </button>
        </p>
      )}
    </main>
  );
}

type RecordsNeeds = { readonly records: readonly Audited[]; readonly withRooms: boolean };

function Records({ records, withRooms }: RecordsNeeds) {
  return (
    <ol class="trail">
      {records.map(record => (
        <li key={record.position}>
          <time dateTime={record.at}>{showWhen(record.at)}</time>{' '}
          {withRooms && record.room !== null && <span class="unit">{record.room}: </span>}
          <b>{record.who}</b> {deedOf(record)}
          {doubtOf(record) === null ? null : <strong class="problem"> – {doubtOf(record)}</strong>}
          <span class="detail">
            {[changeOf(record), record.why === null ? '' : `Why: ${record.why}`].filter(part => part !== '').join('. ')}
          </span>
        </li>
      ))}
    </ol>
  );
}
