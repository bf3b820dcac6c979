// The console: logs in, follows all rooms live, and shows all of them or the one that the address names.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, followRooms, type RoomReport, type Session, useSession } from './api.ts';
import { Login } from './login.tsx';
import { RoomView } from './room-view.tsx';
import { RoomsView } from './rooms-view.tsx';

function Console() {
  const [session, setSession] = useState<Session | null | 'asking'>('asking');
  useEffect(() => {
    void call<Session>('GET', 'session').then(reply => enter(reply.kind === 'ok' ? reply.value : null));
  }, []);
  const enter = (found: Session | null) => {
    useSession(found);
    setSession(found);
  };
  if (session === 'asking') return null;
  return session === null ? <Login onSession={enter} /> : <Live session={session} onOver={() => enter(null)} />;
}

function Live({ session, onOver }: { readonly session: Session; readonly onOver: () => void }) {
  const [rooms, setRooms] = useState<readonly RoomReport[] | null>(null);
  const [isLost, setLost] = useState(false);
  const named = useNamedRoom();
  useEffect(() => followRooms(setRooms, setLost), []);
  const logOut = async () => {
    await call('DELETE', 'session');
    onOver();
  };
  const room = rooms?.find(each => each.room === named);
  return (
    <>
      <header>
        <a class="brand" href="#/">
          Junban <span lang="ja">順番</span>
        </a>
        <span class={`tag ${isLost ? 'bad' : 'good'}`} role="status">
          {isLost ? 'no connection: the numbers are old' : 'live'}
        </span>
        <span class="who">
          {session.name} ({session.role})
        </span>
        {session.csrf !== null && (
          <button type="button" onClick={logOut}>
            Log out
          </button>
        )}
      </header>
      {rooms === null ? <main aria-busy="true" /> : <Shown rooms={rooms} room={room} session={session} />}
    </>
  );
}

type ShownNeeds = {
  readonly rooms: readonly RoomReport[];
  readonly room: RoomReport | undefined;
  readonly session: Session;
};

function Shown({ rooms, room, session }: ShownNeeds) {
  return room === undefined ? <RoomsView rooms={rooms} /> : <RoomView key={room.room} room={room} session={session} />;
}

/** The room that the address names: `#/room/ID`. */
function useNamedRoom(): string | null {
  const read = () => /^#\/room\/([a-z0-9-]+)$/.exec(location.hash)?.[1] ?? null;
  const [named, setNamed] = useState(read);
  useEffect(() => {
    const follow = () => setNamed(read());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return named;
}

const place = document.getElementById('console');
if (place !== null) render(<Console />, place);
