// Makes a room, changes one that was made at run time, or takes it away. The commonest keys have fields; all others of
// the configuration file go into a text. For admins; everybody else, and a room of the file, sees how it is configured.
import { useEffect, useState } from 'preact/hooks';
import { type BookedRoom, noVersion } from '../../api/room-book.ts';
import { call, type RoomReport, type Session } from './api.ts';
import { useAsk } from './ask.tsx';
import { configurationOf, type Draft, draftOf, type Field, fields } from './room-draft.ts';
import { hrefOf } from './routes.ts';
import { zone } from './schedule-switch.tsx';
import { OnlyForAdmins } from './tokens-view.tsx';

type FormNeeds = { readonly id: string | null; readonly rooms: readonly RoomReport[]; readonly session: Session };
type Book = { readonly rooms: readonly BookedRoom[] };

const readBook = () => call<Book>('GET', 'configuration/rooms');

export function RoomForm({ id, rooms, session }: FormNeeds) {
  const [book, setBook] = useState<Book | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    void readBook().then(reply => (reply.kind === 'ok' ? setBook(reply.value) : setProblem(reply.detail)));
  }, []);
  if (problem !== null) return <main class="problem">{problem}</main>;
  if (book === null) return <main aria-busy="true" />;
  if (id === null) {
    return session.role === 'admin' ? <Editor known={null} report={null} /> : <OnlyForAdmins session={session} />;
  }
  const known = book.rooms.find(room => room.id === id);
  if (known === undefined) return <main>There is no room {id}.</main>;
  const report = rooms.find(room => room.room === id) ?? null;
  if (known.source === 'api' && session.role === 'admin') return <Editor known={known} report={report} />;
  return (
    <main>
      <Back id={id} />
      <h1>Configuration of {id}</h1>
      <p>
        {known.source === 'file'
          ? 'This room stands in the configuration file and is changed there. Pace, cap, times and all that its switches turn can be set here, over the file.'
          : 'This room was made at run time; an admin can change it.'}
      </p>
      <pre class="card">{JSON.stringify(known.configuration, null, 2)}</pre>
    </main>
  );
}

const Back = ({ id }: { readonly id: string | null }) => (
  <p>
    <a href={id === null ? '#/' : hrefOf({ kind: 'room', room: id })}>{id === null ? 'All rooms' : `Room ${id}`}</a>
  </p>
);

type EditorNeeds = { readonly known: BookedRoom | null; readonly report: RoomReport | null };

function Editor({ known, report }: EditorNeeds) {
  const ask = useAsk();
  const [version, setVersion] = useState(known?.version ?? noVersion);
  const [draft, setDraft] = useState<Draft>(() => draftOf(known?.configuration));
  const [problem, setProblem] = useState<string | null>(null);
  const id = draft['id'] ?? '';
  const submit = async (event: Event) => {
    event.preventDefault();
    const read = configurationOf(draft);
    if (read.kind === 'problem') return setProblem(read.problem);
    const overtaken = await overtakenBy(id, version);
    if (overtaken.kind === 'other') {
      setVersion(overtaken.version);
      return setProblem(
        `Somebody else has ${known === null ? 'made a room of this name' : 'changed this room'} meanwhile. It is now: ${JSON.stringify(overtaken.configuration)}. Send this again to put yours in its place.`,
      );
    }
    if (overtaken.kind === 'unknown') return setProblem(overtaken.detail);
    setProblem(null);
    const done = await ask({
      ...wordsOf(id, draft, version === noVersion, report),
      version,
      ...{ method: 'PUT', path: `configuration/rooms/${id}`, body: { configuration: read.configuration } },
    });
    if (done !== null) location.hash = hrefOf({ kind: 'room', room: id });
  };
  const remove = async () => {
    const done = await ask({
      title: `Take the room ${id} away`,
      effect: `The room ${id} is gone from all gateways within a second; its address goes to whatever other room it matches, or to none. Its line, numbers and history stay in the store: a room made under the same id has them again, ended as they are.`,
      isDangerous: true,
      version,
      method: 'DELETE',
      path: `configuration/rooms/${id}`,
    });
    if (done !== null) location.hash = '#/';
  };
  const change = (name: string, value: string) => setDraft({ ...draft, [name]: value });
  return (
    <main>
      <Back id={known?.id ?? null} />
      <h1>{known === null ? 'New room' : `Configuration of ${known.id}`}</h1>
      <form class="card wide-form" onSubmit={submit}>
        <DraftFields draft={draft} isNew={known === null} onInput={change} />
        {problem !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <p class="buttons">
          <button type="submit" class="main">
            {known === null ? 'Make the room…' : 'Change the room…'}
          </button>
          {known !== null && report?.phase === 'ended' && (
            <button type="button" class="danger" onClick={remove}>
              Take the room away…
            </button>
          )}
        </p>
        {known !== null && report?.phase !== 'ended' && (
          <p class="detail">A room can be taken away when it has ended.</p>
        )}
      </form>
    </main>
  );
}

type DraftNeeds = {
  readonly draft: Draft;
  readonly isNew: boolean;
  readonly onInput: (name: string, value: string) => void;
};

function DraftFields({ draft, isNew, onInput }: DraftNeeds) {
  return (
    <>
      <div class="fields">
        {fields
          .filter(({ name }) => isNew || name !== 'id')
          .map(field => (
            <RoomField key={field.name} field={field} value={draft[field.name] ?? ''} onInput={onInput} />
          ))}
      </div>
      <label>
        All other keys, as JSON (as an entry of “rooms” in the configuration file)
        <textarea
          {...{ class: 'code', name: 'more', rows: 6, spellcheck: false, value: draft['more'] ?? '' }}
          placeholder={'{ "autopilot": { "mode": "shadow" }, "graceTime": "2m" }'}
          onInput={event => onInput('more', event.currentTarget.value)}
        />
      </label>
      <p class="detail">
        Times of this device: {zone}. What is left empty has the default that the configuration file has.
      </p>
    </>
  );
}

type FieldNeeds = {
  readonly field: Field;
  readonly value: string;
  readonly onInput: (name: string, value: string) => void;
};

function RoomField({ field, value, onInput }: FieldNeeds) {
  const { name, label, kind, hint, isRequired = false } = field;
  const common = {
    ...{ id: `field-${name}`, name, value, required: isRequired, placeholder: hint, autocomplete: 'off' },
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onInput(name, event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={common.id}>{label}</label>
      {kind === 'instant' && <input type="datetime-local" step={1} {...common} />}
      {kind !== 'instant' && <input inputMode={kind === 'number' ? 'numeric' : 'text'} {...common} />}
    </div>
  );
}

function wordsOf(id: string, draft: Draft, isNew: boolean, report: RoomReport | null) {
  const where = `${draft['hosts'] || 'every host'}, ${draft['paths'] || 'every path'}`;
  const begins = draft['startsAt'] ? '' : ' It has no start time, so it opens at once.';
  if (isNew) {
    return {
      title: `Make the room ${id}`,
      effect: `Within a second all gateways put this line before ${draft['shop']} for ${where}.${begins}`,
      isDangerous: true,
    };
  }
  const inLine =
    report === null
      ? ''
      : ` ${report.waiting} devices are in line and ${report.active} inside: they keep their places and passes.`;
  return {
    title: `Change the room ${id}`,
    effect: `Within a second all gateways close the room and open it again with the new configuration.${inLine} It stands before ${draft['shop']} for ${where}.`,
    isDangerous: true,
  };
}

type Overtaken =
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly configuration: unknown; readonly version: number }
  | { readonly kind: 'unknown'; readonly detail: string };

/** Whether the room is another one than the one that is being edited. */
async function overtakenBy(id: string, version: number): Promise<Overtaken> {
  const reply = await readBook();
  if (reply.kind !== 'ok') return { kind: 'unknown', detail: reply.detail };
  const now = reply.value.rooms.find(room => room.id === id);
  if ((now?.version ?? noVersion) === version) return { kind: 'same' };
  return { kind: 'other', configuration: now?.configuration ?? null, version: now?.version ?? noVersion };
}
