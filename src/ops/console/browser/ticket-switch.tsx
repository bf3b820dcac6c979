// Finds the ticket whose code a fan reads from the page, says where it stands, and lets it in or takes its pass away.
import { useState } from 'preact/hooks';
import type { TicketReport } from '../../ticket-report.ts';
import { call, type Problem } from './api.ts';
import { ofRoom, ProblemWords, useAsk } from './ask.tsx';
import { Panel } from './panel.tsx';
import type { Seen } from './switches.tsx';
import { showNumber, showSpan, showTime, showWhen } from './words.ts';

type Found = { readonly kind: 'ticket'; readonly ticket: TicketReport } | Problem;

export function TicketSwitch({ room, canSteer }: Seen) {
  const [code, setCode] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const look = async (given: string) => {
    const reply = await call<TicketReport>('GET', `rooms/${room.room}/tickets/${encodeURIComponent(given)}`);
    setFound(reply.kind === 'ok' ? { kind: 'ticket', ticket: reply.value } : reply);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void look(code.replaceAll(' ', ''));
  };
  return (
    <Panel title="Find a fan" state="by ticket code">
      <form onSubmit={submit}>
        <label>
          Ticket code, as the fan’s page shows it
          <input
            {...{ name: 'code', value: code, maxLength: 20, autocomplete: 'off', autocapitalize: 'characters' }}
            placeholder="18204B"
            onInput={event => setCode(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={code.trim() === ''}>
          Find the ticket
        </button>
      </form>
      {found?.kind === 'problem' && <ProblemWords problem={found} />}
      {found?.kind === 'ticket' && (
        <Ticket room={room} canSteer={canSteer} ticket={found.ticket} onChanged={() => void look(found.ticket.code)} />
      )}
    </Panel>
  );
}

const stateWords: Readonly<Record<TicketReport['state'], string>> = {
  lobby: 'is in the lobby; its place is drawn at the start',
  waiting: 'waits in line',
  called: 'is called and may come in',
  entering: 'is at the gate and comes in next',
  missed: 'missed its call; it is called again when it says that it is there',
  admitted: 'is in the shop',
  left: 'has had its turn, or left the line',
  ended: 'was in line when the room ended',
};

type TicketNeeds = Seen & { readonly ticket: TicketReport; readonly onChanged: () => void };

function Ticket({ room, canSteer, ticket, onChanged }: TicketNeeds) {
  const ask = useAsk();
  const { code, state, etaSeconds, claimBy, passEndsAt } = ticket;
  const letIn = async () => {
    const absent = ticket.present ? '' : ' It is not there now: its call runs out if it does not come back.';
    const done = await ask({
      title: `Let ${code} in now`,
      effect: `This ticket is called at once, ahead of ${showNumber(ticket.ahead)} devices, and is first at the gate, within pace and cap.${absent}`,
      isDangerous: false,
      ...ofRoom(room, 'POST', 'let-in', { tickets: [code] }),
    });
    if (done !== null) onChanged();
  };
  const revoke = async () => {
    const done = await ask({
      title: `Take the pass of ${code} away`,
      effect:
        'This device is out of the shop with its next click, whatever it has in its cart. It may join the line anew.',
      isDangerous: true,
      ...ofRoom(room, 'POST', 'revoke', { tickets: [code] }),
    });
    if (done !== null) onChanged();
  };
  return (
    <div class="found" role="status">
      <p>
        <b>{code}</b> {stateWords[state]}.
      </p>
      <ul>
        {ticket.ahead !== null && (state === 'waiting' || state === 'missed') && (
          <li>{showNumber(ticket.ahead)} devices ahead of it</li>
        )}
        {etaSeconds !== null && (
          <li>
            its turn in {showSpan(etaSeconds[0] * 1_000)} to {showSpan(etaSeconds[1] * 1_000)}
          </li>
        )}
        <li>{ticket.present ? 'present: its page follows the line' : 'not present: its page is closed or offline'}</li>
        {ticket.isDrawn !== null && (
          <li>{ticket.isDrawn ? 'came before the start; its place was drawn' : 'came after the start, in order'}</li>
        )}
        {claimBy !== null && <li>may come in until {showWhen(claimBy)}</li>}
        {passEndsAt !== null && <li>its pass ends at {showWhen(passEndsAt)} unless it is used</li>}
        <li class="detail">
          as of {showTime(ticket.asOf)}
          {ticket.checking ? ', the last that was known: the store does not answer' : ''}
        </li>
      </ul>
      <p class="buttons">
        {canSteer && (state === 'waiting' || state === 'missed') && (
          <button type="button" class="main" onClick={letIn}>
            Let in now…
          </button>
        )}
        {canSteer && state === 'admitted' && (
          <button type="button" class="danger" onClick={revoke}>
            Take the pass away…
          </button>
        )}
        <button type="button" onClick={onChanged}>
          Look again
        </button>
      </p>
    </div>
  );
}
