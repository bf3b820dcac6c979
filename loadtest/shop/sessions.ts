// Who is in the shop: one session per browser, named by a cookie. Sessions not seen for long make room for new ones.
import { randomUUID } from 'node:crypto';

export interface Session {
  readonly id: string;
  /** The name given at login; null before. */
  fanName: string | null;
  /** The reservation in the cart; null when the cart is empty. */
  reservationId: string | null;
}

export interface Sessions {
  /** The session that the Cookie header names, else a new one; `setCookie` is given for a new one only. */
  of(cookieHeader: string | undefined): { readonly session: Session; readonly setCookie: string | undefined };
}

const cookieName = 'shop-session';
const sessionsMax = 50_000;

export function openSessions(): Sessions {
  // Oldest use first: a session that is used moves to the end.
  const sessions = new Map<string, Session>();
  return {
    of: cookieHeader => {
      const known = sessions.get(cookieValue(cookieHeader) ?? '');
      if (known !== undefined) {
        sessions.delete(known.id);
        sessions.set(known.id, known);
        return { session: known, setCookie: undefined };
      }
      const session: Session = { id: randomUUID(), fanName: null, reservationId: null };
      sessions.set(session.id, session);
      const oldest = sessions.keys().next().value;
      if (sessions.size > sessionsMax && oldest !== undefined) sessions.delete(oldest);
      return { session, setCookie: `${cookieName}=${session.id}; Path=/; HttpOnly; SameSite=Lax` };
    },
  };
}

function cookieValue(cookieHeader: string | undefined): string | undefined {
  for (const pair of (cookieHeader ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName) return value;
  }
  return undefined;
}
