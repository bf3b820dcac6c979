// The login: a token once, and then a cookie that no script can read.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, type Session } from './api.ts';

export function Login({ onSession, isOver }: LoginNeeds) {
  return isOver ? (
    <LoginAgain onSession={onSession} />
  ) : (
    <main class="login">
      <h1>
        Junban <span lang="ja">順番</span>
      </h1>
      <LoginForm onSession={onSession} />
    </main>
  );
}

type LoginNeeds = {
  readonly onSession: (session: Session) => void;
  /** There was a login, and it holds no more. */
  readonly isOver: boolean;
};

/** Over the page, which stays as it was underneath: what was being typed is not lost. */
function LoginAgain({ onSession }: Pick<LoginNeeds, 'onSession'>) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="over" onCancel={event => event.preventDefault()}>
      <h2 id="over">Log in again</h2>
      <p role="alert">
        This login is over: its token was revoked or has run out, or twelve hours have passed. What you were typing is
        still there.
      </p>
      <LoginForm onSession={onSession} />
    </dialog>
  );
}

function LoginForm({ onSession }: Pick<LoginNeeds, 'onSession'>) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const logIn = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const reply = await call<Session>('POST', 'session', { token: token.trim() });
    setBusy(false);
    if (reply.kind === 'ok') onSession(reply.value);
    else setProblem(reply.code === 'no-answer' ? 'The gateway does not answer. Try again in a moment.' : reply.detail);
  };
  return (
    <form onSubmit={logIn}>
      <label>
        Ops token
        <input
          type="password"
          name="token"
          autocomplete="current-password"
          required
          value={token}
          onInput={event => setToken(event.currentTarget.value)}
        />
      </label>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="main" disabled={isBusy}>
        Log in
      </button>
    </form>
  );
}
