// The login: a token once, and then a cookie that no script can read.
import { useState } from 'preact/hooks';
import { call, type Session } from './api.ts';

export function Login({ onSession }: { readonly onSession: (session: Session) => void }) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const logIn = async (event: Event) => {
    event.preventDefault();
    const reply = await call<Session>('POST', 'session', { token });
    if (reply.kind === 'ok') onSession(reply.value);
    else setProblem(reply.detail);
  };
  return (
    <main class="login">
      <h1>
        Junban <span lang="ja">順番</span>
      </h1>
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
        <button type="submit" class="main">
          Log in
        </button>
      </form>
    </main>
  );
}
