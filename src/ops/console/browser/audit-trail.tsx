// Who turned which switch of the room, newest first.
import { useEffect, useState } from 'preact/hooks';
import { type Audited, call, type RoomReport } from './api.ts';
import { deedOf, showTime, showValue } from './words.ts';

const shownMax = 50;

export function AuditTrail({ room }: { readonly room: RoomReport }) {
  const [records, setRecords] = useState<readonly Audited[]>([]);
  const { revision } = room;
  useEffect(() => {
    void call<{ readonly records: readonly Audited[] }>('GET', 'audit?limit=200').then(reply => {
      if (reply.kind === 'ok')
        setRecords(reply.value.records.filter(record => record.room === room.room).slice(0, shownMax));
    });
  }, [room.room, revision]);
  return (
    <section aria-labelledby="audit">
      <h2 id="audit">Audit trail</h2>
      {records.length === 0 ? <p>Nobody has steered this room yet.</p> : null}
      <ol class="audit">
        {records.map(record => (
          <li key={record.position}>
            <time dateTime={record.at}>{showTime(record.at)}</time> <b>{record.who}</b> {deedOf(record)}
            {record.failure === null ? null : <strong> – not done: {record.failure}</strong>}
            <span class="detail">
              {showValue(record.before)} → {showValue(record.after)}
              {record.why === null ? '' : `. Why: ${record.why}`}
            </span>
          </li>
        ))}
      </ol>
      <p>
        <a href="/api/v1/audit/export" download="audit.ndjson">
          Download the whole trail
        </a>{' '}
        · <a href={`/api/v1/rooms/${room.room}/report`}>Report of the sale</a> ·{' '}
        <a href={`/api/v1/rooms/${room.room}/report.csv`} download={`${room.room}.csv`}>
          as CSV
        </a>
      </p>
    </section>
  );
}
