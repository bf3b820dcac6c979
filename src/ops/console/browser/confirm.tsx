// The one question before something is done, in words that name the effect; and what came of it. A room that somebody
// else steered meanwhile is not changed: the question says so and has to be asked anew.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, type RoomReport } from './api.ts';

export type Question = {
  /** What will be done, as on the button. */
  readonly title: string;
  /** What it means for the fans and the shop. */
  readonly effect: string;
  readonly isDangerous: boolean;
  readonly method: 'PUT' | 'POST';
  /** Below the room's address. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
};

export function Confirm(of: {
  readonly room: RoomReport;
  readonly question: Question;
  readonly onClose: (done: boolean) => void;
}) {
  const { room, question, onClose } = of;
  const dialog = useRef<HTMLDialogElement>(null);
  // The question is about the room as it was when it was asked, whatever comes in while it stands.
  const [asked] = useState(room);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const carryOut = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const body = reason.trim() === '' ? question.body : { ...question.body, reason: reason.trim() };
    const reply = await call(question.method, `rooms/${asked.room}/${question.path}`, body, asked.revision);
    setBusy(false);
    if (reply.kind === 'ok') return onClose(true);
    setProblem(
      reply.code === 'changed-meanwhile'
        ? 'Somebody else steered this room while you were deciding, so nothing was done. Close this, look at the room, and decide again.'
        : reply.detail,
    );
  };
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={() => onClose(false)}>
      <form onSubmit={carryOut}>
        <h2 id="question">{question.title}</h2>
        <p>{question.effect}</p>
        <label>
          Why (for the audit trail)
          <input value={reason} maxLength={200} onInput={event => setReason(event.currentTarget.value)} />
        </label>
        {problem !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button type="submit" class={question.isDangerous ? 'danger' : 'main'} disabled={isBusy}>
            {question.title}
          </button>
        </p>
      </form>
    </dialog>
  );
}
