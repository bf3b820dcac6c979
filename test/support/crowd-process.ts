// A crowd of devices in a process of its own, so that thousands of sockets do not take the time of the tests: each joins,
// follows by socket, claims when called, stays a while, leaves. What happened to each is told by the gateway's own clock.

import { Agent, request } from 'undici';
import { WebSocket } from 'ws';
import type { CrowdMember, CrowdOrder, CrowdReport, CrowdTally } from './crowd.ts';

type Member = { -readonly [key in keyof CrowdMember]: CrowdMember[key] } & {
  ticket: string;
  /** Settles when its claim has its answer: who leaves before would claim for a place that is gone. */
  claimed: Promise<void>;
};

const tallyPeriodMs = 50;
const agent = new Agent({ connections: 128 });
const members: Member[] = [];
const tally = { joined: 0, following: 0, called: 0, inside: 0, admitted: 0, gone: 0 };
let isOver = false;

process.once('message', (order: CrowdOrder) => void gather(order));
process.on('message', message => {
  if (message !== 'report') return;
  isOver = true;
  const report: CrowdReport = {
    kind: 'report',
    members: members.map(({ ticket: _, claimed: __, ...member }) => member),
  };
  process.send?.(report, () => process.exit(0));
});
process.once('disconnect', () => process.exit(0));
setInterval(() => process.send?.({ kind: 'tally', ...tally } satisfies CrowdTally & { kind: 'tally' }), tallyPeriodMs);

async function gather(order: CrowdOrder): Promise<void> {
  let toJoin = order.devices;
  const joiner = async () => {
    while (toJoin > 0) {
      toJoin -= 1;
      const member = await join(order);
      follow(order, member);
    }
  };
  await Promise.all(Array.from({ length: 32 }, joiner));
}

async function join(order: CrowdOrder): Promise<Member> {
  const { body } = await ask(order, 'POST', '/tickets', '');
  const { ticket }: { ticket?: unknown } = JSON.parse(body);
  const token = String(ticket);
  const member: Member = {
    number: Number(claimsOf(token)['n']),
    ticket: token,
    calledAtMs: null,
    claimByMs: null,
    admittedAtMs: null,
    missedAtMs: null,
    leavesAtMs: null,
    passIds: [],
    claims: [],
    refusals: [],
    claimed: Promise.resolve(),
  };
  members.push(member);
  tally.joined += 1;
  return member;
}

function follow(order: CrowdOrder, member: Member): void {
  const socket = new WebSocket(`${order.url.replace('http', 'ws')}/_junban/v1/socket?room=${order.room}`, 'junban.v1', {
    headers: { authorization: `Bearer ${member.ticket}` },
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  let isOpen = false;
  socket.on('open', () => {
    isOpen = true;
    tally.following += 1;
  });
  socket.on('message', data => hear(order, member, String(data), socket));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (isOpen) tally.following -= 1;
    // A gateway that went comes back, and so do its devices, each after another while.
    if (!isOver && member.leavesAtMs === null) setTimeout(() => follow(order, member), 50 + Math.random() * 200);
  });
}

function hear(order: CrowdOrder, member: Member, status: string, socket: WebSocket): void {
  const state = /"state":"(\w+)"/.exec(status)?.[1];
  const atMs = () => Date.parse(/"asOf":"([^"]+)"/.exec(status)?.[1] ?? '');
  if (state === 'called' && member.calledAtMs === null) {
    member.calledAtMs = atMs();
    member.claimByMs = Date.parse(/"claimBy":"([^"]+)"/.exec(status)?.[1] ?? '');
    tally.called += 1;
    const isAbsent = order.absentEvery > 0 && member.number % order.absentEvery === order.absentEvery - 1;
    if (!isAbsent) member.claimed = claim(order, member);
  }
  if (state === 'missed') member.missedAtMs ??= atMs();
  if (state === 'admitted' && member.admittedAtMs === null) {
    member.admittedAtMs = atMs();
    tally.admitted += 1;
    tally.inside += 1;
    if (order.stayMs !== null) setTimeout(() => void leave(order, member, socket), order.stayMs);
  }
}

/** As a page does: again while the gate is busy, and again when the gateway was away. */
async function claim(order: CrowdOrder, member: Member): Promise<void> {
  while (!isOver) {
    try {
      const { status, body } = await ask(order, 'POST', '/passes', member.ticket);
      member.claims.push(status);
      if (status === 201 || status === 200) {
        const { pass }: { pass?: unknown } = JSON.parse(body);
        member.passIds.push(String(claimsOf(String(pass))['jti']));
        return;
      }
      if (status !== 202 && status !== 503) {
        member.refusals.push(`${status} ${body}`);
        return;
      }
    } catch {
      // Cut off: whether the claim was heard is not known, so it is made again.
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

async function leave(order: CrowdOrder, member: Member, socket: WebSocket): Promise<void> {
  await member.claimed;
  member.leavesAtMs = Date.now();
  tally.inside -= 1;
  while (!isOver) {
    // A leave that was cut off would keep its slot: it is asked again.
    const answer = await ask(order, 'DELETE', '/tickets/current', member.ticket).catch(() => null);
    if (answer?.status === 204) break;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  tally.gone += 1;
  socket.terminate();
}

async function ask(
  order: CrowdOrder,
  method: 'POST' | 'DELETE',
  path: string,
  ticket: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await request(`${order.url}/_junban/v1${path}?room=${order.room}`, {
    method,
    dispatcher: agent,
    ...(ticket === '' ? {} : { headers: { authorization: `Bearer ${ticket}` } }),
  });
  return { status: answer.statusCode, body: await answer.body.text() };
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
