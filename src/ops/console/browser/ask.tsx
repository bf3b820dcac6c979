// The one question before something is done, in words that name the effect; and what came of it. A room that somebody
// else steered meanwhile is not changed: the question then shows both values and is asked anew.
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { call, type Method, type Problem, type RoomReport } from './api.ts';
import { type Conflict, conflictWith } from './conflict.ts';

export type Question = {
  /** What will be done, as on the button. */
  readonly title: string;
  /** What it means for the fans and the shop. */
  readonly effect: string;
  readonly isDangerous: boolean;
  readonly method: Exclude<Method, 'GET'>;
  readonly path: string;
  /** Absent: nothing is sent, not even a reason. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** The room as it was when this was asked: the write is done only while nobody has steered it since. */
  readonly room?: RoomReport;
  /** Or of what is asked about at that version, where it is no room's state. */
  readonly version?: number;
};

export type Done = { readonly value: unknown };
/** Null: it was left. */
export type Ask = (question: Question) => Promise<Done | null>;

const AskContext = createContext<Ask>(() => Promise.resolve(null));
export const useAsk = (): Ask => useContext(AskContext);

/** What a write of a room has in common. */
export const ofRoom = (room: RoomReport, method: 'PUT' | 'POST', path: string, body: Question['body'] = {}) => ({
  ...{ room, method, body },
  path: `rooms/${room.room}/${path}`,
});

const doneShownMs = 10_000;

export function Asking({ children }: { readonly children: ComponentChildren }) {
  const [asked, setAsked] = useState<{ readonly question: Question; settle(done: Done | null): void } | null>(null);
  const [told, setTold] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setTold(''), doneShownMs);
    return () => clearTimeout(timer);
  }, [told]);
  const ask: Ask = question => new Promise(settle => setAsked({ question, settle }));
  const close = (done: Done | null) => {
    setTold(done === null ? '' : `Done: ${asked?.question.title}.`);
    setAsked(null);
    asked?.settle(done);
  };
  return (
    <AskContext.Provider value={ask}>
      {children}
      <p class="told" role="status">
        {told}
      </p>
      {asked !== null && <QuestionDialog question={asked.question} onClose={close} />}
    </AskContext.Provider>
  );
}

type DialogNeeds = { readonly question: Question; readonly onClose: (done: Done | null) => void };

function QuestionDialog({ question, onClose }: DialogNeeds) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [room, setRoom] = useState(question.room);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const carryOut = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { method, path, body } = question;
    const sent = body === undefined || reason.trim() === '' ? body : { ...body, reason: reason.trim() };
    const reply = await call<unknown>(method, path, sent, room?.revision ?? question.version);
    if (reply.kind === 'ok') return onClose({ value: reply.value });
    const found = reply.code === 'changed-meanwhile' && room !== undefined ? await conflictWith(room) : null;
    setConflict(found);
    setProblem(found === null ? reply : null);
    if (found !== null) setRoom(found.now);
    setBusy(false);
  };
  const { title, effect, isDangerous } = question;
  return (
    <dialog ref={dialog} aria-labelledby="question" aria-describedby="effect" onClose={() => onClose(null)}>
      <form onSubmit={carryOut}>
        <h2 id="question">{title}</h2>
        <div id="effect">
          {conflict === null ? <p>{effect}</p> : <ConflictWords conflict={conflict} title={title} />}
        </div>
        {question.body !== undefined && (
          <label>
            Why (for the audit trail)
            <input value={reason} maxLength={200} onInput={event => setReason(event.currentTarget.value)} />
          </label>
        )}
        {problem !== null && <ProblemWords problem={problem} />}
        <p class="buttons">
          <button type="button" autofocus={isDangerous} onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button
            type="submit"
            class={isDangerous || conflict !== null ? 'danger' : 'main'}
            autofocus={!isDangerous}
            disabled={isBusy}
          >
            {conflict === null ? title : `${title} all the same`}
          </button>
        </p>
      </form>
    </dialog>
  );
}

function ConflictWords({ conflict, title }: { readonly conflict: Conflict; readonly title: string }) {
  return (
    <div class="conflict" role="alert">
      <p>Somebody else steered this room while you were deciding, so nothing was done.</p>
      <ul>
        {conflict.changes.map(change => (
          <li key={change}>{change}</li>
        ))}
        <li>Yours: {title}</li>
      </ul>
      {conflict.last !== null && <p class="detail">{conflict.last}</p>}
    </div>
  );
}

export function ProblemWords({ problem }: { readonly problem: Problem }) {
  const { detail, problems } = problem;
  return (
    <div class="problem" role="alert">
      {problems.length < 2 ? (
        <p>{detail}</p>
      ) : (
        <ul>
          {problems.map(each => (
            <li key={each.field}>
              {each.field} {each.detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
