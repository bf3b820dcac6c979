// The tokens of operators: who has one, a new one that is told once, and taking one away. For admins.
import { useEffect, useRef, useState } from 'preact/hooks';
import { noVersion } from '../../api/room-book.ts';
import type { TokenFacts } from '../../token-book.ts';
import { call, type Session } from './api.ts';
import { useAsk } from './ask.tsx';
import { zone } from './schedule-switch.tsx';
import { showDate } from './words.ts';

type Token = TokenFacts & { readonly version: number };
type Told = { readonly name: string; readonly token: string };

export function TokensView({ session }: { readonly session: Session }) {
  const [tokens, setTokens] = useState<readonly Token[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [fresh, setFresh] = useState<Told | null>(null);
  const ask = useAsk();
  const isAdmin = session.role === 'admin';
  const read = async () => {
    const reply = await call<{ readonly tokens: readonly Token[] }>('GET', 'tokens');
    setProblem(reply.kind === 'ok' ? null : reply.detail);
    if (reply.kind === 'ok') setTokens(reply.value.tokens);
  };
  useEffect(() => {
    if (isAdmin) void read();
  }, [isAdmin]);
  if (!isAdmin) return <OnlyForAdmins session={session} />;
  const revoke = async ({ name, role, version }: Token) => {
    const own = name === session.name ? ' This is your own: you are logged out with it.' : '';
    const done = await ask({
      title: `Revoke ${name}`,
      effect: `Whoever uses this ${role}’s token, and every login with it, is shut out at all gateways within a second.${own} It cannot be taken back; a new token can be made.`,
      isDangerous: true,
      method: 'DELETE',
      path: `tokens/${name}`,
      version,
    });
    if (done !== null) void read();
  };
  return (
    <main>
      <h1>Tokens</h1>
      {problem !== null && <p class="problem">{problem}</p>}
      <ul class="rooms">
        {tokens?.map(token => (
          <li class="card" key={`${token.source} ${token.name}`}>
            <h2>{token.name}</h2>
            <p>
              <span class="tag still">{token.role}</span>
            </p>
            <p class="detail">
              {token.source === 'configuration'
                ? 'Stands in the configuration: change it there.'
                : `Made by ${token.createdBy} on ${showDate(token.createdAt)}; ${token.expiresAt === null ? 'does not run out' : `runs out on ${showDate(token.expiresAt)}`}.`}
            </p>
            {token.source === 'api' && (
              <button type="button" class="danger" onClick={() => revoke(token)}>
                Revoke…
              </button>
            )}
          </li>
        ))}
      </ul>
      <TokenForm
        tokens={tokens ?? []}
        onMade={told => {
          setFresh(told);
          void read();
        }}
      />
      {fresh !== null && <FreshToken fresh={fresh} onClose={() => setFresh(null)} />}
    </main>
  );
}

export function OnlyForAdmins({ session }: { readonly session: Session }) {
  return (
    <main>
      <h1>For admins only</h1>
      <p>
        {session.name} is {session.role}. Log in with an admin’s token to do this.
      </p>
    </main>
  );
}

const roles = {
  viewer: 'viewer: looks, turns nothing',
  operator: 'operator: steers the rooms',
  admin: 'admin: also makes rooms and tokens',
} as const;

function TokenForm({ tokens, onMade }: { readonly tokens: readonly Token[]; readonly onMade: (told: Told) => void }) {
  const ask = useAsk();
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('operator');
  const [until, setUntil] = useState('');
  const known = tokens.find(token => token.name === name && token.source === 'api');
  const ends = until === '' ? null : new Date(until);
  const submit = async (event: Event) => {
    event.preventDefault();
    const expiresAt = ends === null ? null : ends.toISOString();
    const replaced =
      known === undefined
        ? ''
        : ' There is one of this name: it ends now, with every login, and the new one takes its place.';
    const done = await ask({
      title: `Make the token ${name}`,
      effect: `Whoever has it is ${role} at all gateways${expiresAt === null ? ', until it is revoked' : `, until ${showDate(expiresAt)}`}. It is shown once.${replaced}`,
      isDangerous: known !== undefined,
      method: 'PUT',
      path: `tokens/${name}`,
      body: { role, expiresAt },
      version: known?.version ?? noVersion,
    });
    if (done === null) return;
    setName('');
    setUntil('');
    onMade({ name, token: tokenIn(done.value) });
  };
  return (
    <section class="card narrow" aria-labelledby="new-token">
      <h2 id="new-token">New token</h2>
      <form onSubmit={submit}>
        <label>
          Name
          <input
            {...{ name: 'name', value: name, required: true, maxLength: 63, pattern: '[a-z0-9][a-z0-9._\\-]*' }}
            {...{ autocomplete: 'off', title: 'a-z, 0-9 and ._-, not ._- first' }}
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          Role
          <select value={role} onChange={event => setRole(event.currentTarget.value)}>
            {Object.entries(roles).map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          Runs out (empty: never; times of {zone})
          <input {...{ type: 'datetime-local', value: until }} onInput={event => setUntil(event.currentTarget.value)} />
        </label>
        <button type="submit">Make the token…</button>
      </form>
    </section>
  );
}

function tokenIn(value: unknown): string {
  return typeof value === 'object' && value !== null && 'token' in value ? String(value.token) : '';
}

function FreshToken({ fresh, onClose }: { readonly fresh: Told; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const copy = async () => {
    await navigator.clipboard.writeText(fresh.token);
    setCopied(true);
  };
  return (
    <dialog ref={dialog} aria-labelledby="fresh" onClose={onClose}>
      <h2 id="fresh">The token {fresh.name}</h2>
      <label>
        It is shown this once: keep it where only its owner can read it.
        <input readOnly value={fresh.token} onFocus={event => event.currentTarget.select()} />
      </label>
      <p class="buttons">
        {navigator.clipboard !== undefined && (
          <button type="button" onClick={copy}>
            {isCopied ? 'Copied' : 'Copy'}
          </button>
        )}
        <button type="button" class="main" onClick={() => dialog.current?.close()}>
          I have it
        </button>
      </p>
    </dialog>
  );
}
