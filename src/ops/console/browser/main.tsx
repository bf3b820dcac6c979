// The console: logs in, follows all rooms live, and shows what the address names.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, onSessionOver, type RoomReport, type Session, useSession } from './api.ts';
import { Asking } from './ask.tsx';
import { AuditView } from './audit-trail.tsx';
import { followRooms } from './feed.ts';
import { GatewayView } from './gateway-view.tsx';
import { Login } from './login.tsx';
import { RoomForm } from './room-form.tsx';
import { RoomView } from './room-view.tsx';
import { RoomsView } from './rooms-view.tsx';
import { type Address, hrefOf, useAddress } from './routes.ts';
import { TokensView } from './tokens-view.tsx';
import { conditionOf, showTime } from './words.ts';

const askAgainMs = 2_000;

type Standing =
  | { readonly kind: 'asking'; readonly isLost: boolean }
  | { readonly kind: 'out' }
  | { readonly kind: 'in' | 'over'; readonly session: Session };

function Console() {
  const [standing, setStanding] = useState<Standing>({ kind: 'asking', isLost: false });
  const enter = (session: Session) => {
    useSession(session);
    setStanding({ kind: 'in', session });
  };
  useEffect(() => {
    onSessionOver(() => setStanding(was => ('session' in was ? { ...was, kind: 'over' } : { kind: 'out' })));
    let timer = 0;
    const begin = async () => {
      const reply = await call<Session>('GET', 'session');
      if (reply.kind === 'ok') return enter(reply.value);
      if (reply.status >= 400 && reply.status < 500) return setStanding({ kind: 'out' });
      setStanding({ kind: 'asking', isLost: true });
      timer = window.setTimeout(begin, askAgainMs);
    };
    void begin();
    return () => clearTimeout(timer);
  }, []);
  if (standing.kind === 'asking') {
    return (
      <main class="login">{standing.isLost && <p role="status">The gateway does not answer. Asking again…</p>}</main>
    );
  }
  if (standing.kind === 'out') return <Login onSession={enter} isOver={false} />;
  const { session } = standing;
  const logOut = async () => {
    await call('DELETE', 'session');
    useSession(null);
    setStanding({ kind: 'out' });
  };
  const isOver = standing.kind === 'over';
  return (
    <>
      <div hidden={isOver}>
        <Live session={session} isOver={isOver} onLogOut={logOut} />
      </div>
      {isOver && <Login onSession={enter} isOver />}
    </>
  );
}

type LiveNeeds = { readonly session: Session; readonly isOver: boolean; readonly onLogOut: () => void };

function Live({ session, isOver, onLogOut }: LiveNeeds) {
  const [rooms, setRooms] = useState<readonly RoomReport[] | null>(null);
  const [heardAtMs, setHeardAtMs] = useState(Date.now());
  const [isLost, setLost] = useState(false);
  const address = useAddress();
  useEffect(() => {
    if (isOver) return;
    const onRooms = (heard: readonly RoomReport[]) => {
      setRooms(heard);
      setHeardAtMs(Date.now());
      setLost(false);
    };
    return followRooms({ onRooms, onLost: () => setLost(true) });
  }, [isOver]);
  useTitle(rooms ?? [], address, isLost);
  return (
    <Asking>
      <header>
        <a class="brand" href="#/">
          Junban <span lang="ja">順番</span>
        </a>
        <span class={`tag ${isLost ? 'bad' : 'good'}`} role="status">
          {isLost ? 'not connected' : 'live'}
        </span>
        <Navigation address={address} session={session} />
        <span class="who">{session.name === session.role ? session.name : `${session.name} (${session.role})`}</span>
        {session.csrf !== null && (
          <button type="button" disabled={isLost} onClick={onLogOut}>
            Log out
          </button>
        )}
      </header>
      {isLost && (
        <p class="lost" role="alert">
          The gateway does not answer. What you see is of {showTime(heardAtMs)}; it goes on by itself.
        </p>
      )}
      {rooms === null ? <main aria-busy="true" /> : <Shown rooms={rooms} address={address} session={session} />}
    </Asking>
  );
}

function Navigation({ address, session }: { readonly address: Address; readonly session: Session }) {
  const places = [
    ['Rooms', 'rooms'],
    ['Trail', 'trail'],
    ['Gateway', 'gateway'],
    ...(session.role === 'admin' ? [['Tokens', 'tokens'] as const] : []),
  ] as const;
  const current = ['room', 'new-room', 'configuration'].includes(address.kind) ? 'rooms' : address.kind;
  return (
    <nav aria-label="Console">
      {places.map(([name, kind]) => (
        <a key={kind} href={hrefOf({ kind })} aria-current={current === kind ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

type ShownNeeds = {
  readonly rooms: readonly RoomReport[];
  readonly address: Address;
  readonly session: Session;
};

function Shown({ rooms, address, session }: ShownNeeds) {
  switch (address.kind) {
    case 'rooms':
      return <RoomsView rooms={rooms} session={session} />;
    case 'trail':
      return <AuditView rooms={rooms} />;
    case 'gateway':
      return <GatewayView session={session} />;
    case 'tokens':
      return <TokensView session={session} />;
    case 'new-room':
      return <RoomForm id={null} rooms={rooms} session={session} />;
    case 'configuration':
      return <RoomForm key={address.room} id={address.room} rooms={rooms} session={session} />;
    case 'room': {
      const room = rooms.find(each => each.room === address.room);
      if (room !== undefined) return <RoomView key={room.room} room={room} session={session} />;
      return (
        <main>
          <h1>{address.room}</h1>
          <p>
            There is no room of this name at this gateway (any more). <a href="#/">All rooms</a>
          </p>
        </main>
      );
    }
  }
}

/** The tab says how things are while the operator looks at another one. */
function useTitle(rooms: readonly RoomReport[], address: Address, isLost: boolean): void {
  const shown = address.kind === 'room' ? rooms.filter(({ room }) => room === address.room) : rooms;
  const worst = shown.find(room => conditionOf(room).tone === 'bad');
  const state = isLost ? 'not connected' : worst === undefined ? '' : `${worst.room}: ${conditionOf(worst).word}`;
  const name = address.kind === 'room' ? `${address.room} – Junban` : 'Junban console';
  const title = state === '' ? name : `(!) ${state} – ${name}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}

const place = document.getElementById('console');
if (place !== null) render(<Console />, place);
