// Measures tickets and passes beside jose in the same run: `node loadtest/bench-tokens.ts`. One thread, no server; what
// a token costs inside a request is for the load tests to show.
import { cpus } from 'node:os';
import { CompactSign, compactVerify, jwtVerify, SignJWT } from 'jose';
import { createKeyRing } from '../src/tokens/key-ring.ts';
import { openKeyRing, passType, signerAt } from '../src/tokens/key-set.ts';
import { signPass, verifyPass } from '../src/tokens/pass.ts';
import { PassVerifier } from '../src/tokens/pass-verifier.ts';
import { signTicket, verifyTicket } from '../src/tokens/ticket.ts';

const durationMs = 700;
const rounds = 3;
const nowMs = Date.now();
const here = { room: 'sale', nowMs };
const keys = await openKeyRing(await createKeyRing(nowMs));
const [ticketKey, passKey] = [signerAt(keys.tickets, nowMs), signerAt(keys.passes, nowMs)];
const newTicket = { room: 'sale', number: 123_456, nowMs, lifetimeMs: 86_400_000 };
const newPass = { room: 'sale', passId: 'pass-1', number: 1, nowMs, expiresAtMs: nowMs + 600_000 };
const ticket = signTicket(keys, newTicket);
const pass = await signPass(keys, newPass);
const verifier = new PassVerifier(keys);
await verifier.verify(pass, here);
const passPayload = Buffer.from(pass.split('.')[1] ?? '', 'base64url');

// A real gateway sees each token as a fresh string out of a header, not as one string whose hash is known.
const freshPasses = Array.from({ length: 1024 }, (_, at) => `${pass}${at % 10}`);
const fresh = (at: number) => (freshPasses[at & 1023] ?? '').slice(0, -1);

async function perSecond(action: (at: number) => unknown): Promise<number> {
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const startNs = process.hrtime.bigint();
    let count = 0;
    let elapsedMs = 0;
    while (elapsedMs < durationMs) {
      // Asynchronous ones run side by side, as in a server; one after the other would measure the thread hand-over.
      const pending: Promise<unknown>[] = [];
      for (let at = 0; at < 200; at += 1) {
        const result = action(at);
        if (result instanceof Promise) pending.push(result);
      }
      if (pending.length > 0) await Promise.all(pending);
      count += 200;
      elapsedMs = Number(process.hrtime.bigint() - startNs) / 1e6;
    }
    best = Math.max(best, (count / elapsedMs) * 1000);
  }
  return best;
}

const joseTicket = () =>
  new SignJWT({ n: newTicket.number, jti: 'x', iss: 'junban', aud: 'sale' })
    .setProtectedHeader({ alg: 'HS256', typ: 'junban-ticket+jwt', kid: ticketKey.kid })
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('1d')
    .sign(ticketKey.secret);
const joseOptions = { issuer: 'junban', audience: 'sale', typ: 'junban-ticket+jwt', algorithms: ['HS256'] };

const pairs: [string, (at: number) => unknown, (at: number) => unknown][] = [
  ['ticket sign', () => signTicket(keys, newTicket), joseTicket],
  ['ticket verify', () => verifyTicket(keys, ticket, here), () => jwtVerify(ticket, ticketKey.secret, joseOptions)],
  [
    'ticket refuse',
    () => verifyTicket(keys, `e${ticket}`, here),
    () => jwtVerify(`e${ticket}`, ticketKey.secret).catch(String),
  ],
  [
    'pass sign',
    () => signPass(keys, newPass),
    () =>
      new CompactSign(passPayload)
        .setProtectedHeader({ alg: 'ES256', typ: passType, kid: passKey.kid })
        .sign(passKey.signer.key),
  ],
  ['pass verify, first', () => verifyPass(keys, pass, here), () => compactVerify(pass, passKey.publicKey)],
  ['pass verify, known', at => verifier.peek(fresh(at), here), () => compactVerify(pass, passKey.publicKey)],
];

console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, best of ${rounds} rounds`);
for (const [name, ours, theirs] of pairs) {
  const [rate, floor] = [await perSecond(ours), await perSecond(theirs)];
  const costUs = (1e6 / rate).toFixed(2);
  const [rateText, floorText] = [rate, floor].map(value => Math.round(value).toLocaleString('en'));
  console.log(`${name}: ${rateText}/s (${costUs} µs), jose ${floorText}/s, ratio ${(rate / floor).toFixed(1)}`);
}
