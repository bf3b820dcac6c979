// What belongs to no room: whether this gateway is ready, its log level, and the webhooks with what they gave up.
import { useEffect, useState } from 'preact/hooks';
import type { DeadLetter, WebhookState } from '../../api/webhook-desk.ts';
import { call, type Session } from './api.ts';
import { useAsk } from './ask.tsx';
import { showNumber, showWhen } from './words.ts';

const periodMs = 5_000;
const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

type Facts = {
  readonly level: string;
  /** As this gateway's configuration has it. */
  readonly configured: string;
  readonly webhooks: readonly WebhookState[];
  readonly deadLetters: readonly DeadLetter[];
};

export function GatewayView({ session }: { readonly session: Session }) {
  const [facts, setFacts] = useState<Facts | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const read = async () => {
    const [level, hooks] = await Promise.all([
      call<Pick<Facts, 'level' | 'configured'>>('GET', 'log-level'),
      call<Pick<Facts, 'webhooks' | 'deadLetters'>>('GET', 'webhooks'),
    ]);
    const failed = [level, hooks].find(reply => reply.kind === 'problem');
    setProblem(failed?.kind === 'problem' ? failed.detail : null);
    if (level.kind === 'ok' && hooks.kind === 'ok') setFacts({ ...level.value, ...hooks.value });
  };
  useEffect(() => {
    void read();
    const timer = setInterval(read, periodMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <main>
      <h1>Gateway</h1>
      <p class="detail">Counts are of the gateway at {location.host}; others have a console of their own.</p>
      {problem !== null && <p class="problem">{problem}</p>}
      {facts !== null && (
        <>
          <LogLevel level={facts.level} configured={facts.configured} canSet={session.role !== 'viewer'} onSet={read} />
          <Webhooks webhooks={facts.webhooks} />
          <DeadLetters letters={facts.deadLetters} />
        </>
      )}
      <p class="links">
        <a href="/readyz">Readiness</a> <a href="/metrics">Metrics</a> <a href="/api/v1/openapi.json">API (OpenAPI)</a>
      </p>
    </main>
  );
}

type LevelNeeds = Pick<Facts, 'level' | 'configured'> & { readonly canSet: boolean; readonly onSet: () => void };

function LogLevel({ level, configured, canSet, onSet }: LevelNeeds) {
  const ask = useAsk();
  const [chosen, setChosen] = useState<string | null>(null);
  const wanted = chosen ?? level;
  const submit = async (event: Event) => {
    event.preventDefault();
    const less = levels.indexOf(wanted) > levels.indexOf('warn');
    const done = await ask({
      title: `Set the log level to ${wanted}`,
      effect: `All gateways log ${wanted === 'silent' ? 'nothing at all' : `what is ${wanted} or worse`} within a second, instead of ${level}.${less ? ' Warnings are then lost.' : ''}`,
      isDangerous: less,
      method: 'PUT',
      path: 'log-level',
      body: { level: wanted === configured ? null : wanted },
    });
    setChosen(null);
    if (done !== null) onSet();
  };
  return (
    <section class="card narrow" aria-labelledby="log">
      <h2 id="log">
        Log level <span class="tag still">{level}</span>
      </h2>
      <p class="detail">
        {level === configured ? 'As in the configuration' : `The configuration of this gateway says ${configured}`}.
        What is set here holds at all gateways.
      </p>
      {canSet && (
        <form onSubmit={submit}>
          <label>
            Log what is at least
            <select value={wanted} onChange={event => setChosen(event.currentTarget.value)}>
              {levels.map(each => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <button type="submit" disabled={wanted === level}>
            Set the log level…
          </button>
        </form>
      )}
    </section>
  );
}

function Webhooks({ webhooks }: Pick<Facts, 'webhooks'>) {
  return (
    <section aria-labelledby="webhooks">
      <h2 id="webhooks">Webhooks</h2>
      {webhooks.length === 0 && <p>None stands in the configuration (key “webhooks”).</p>}
      <ul class="rooms">
        {webhooks.map(({ url, events, waiting, delivered, failed, dead, lastFailure }) => (
          <li class="card" key={url}>
            <h3 class="address">{url}</h3>
            <dl class="figures small">
              <Count label="Delivered" value={delivered} />
              <Count label="Waiting" value={waiting} />
              <Count label="Failed tries" value={failed} />
              <Count label="Given up" value={dead} isBad={dead > 0} />
            </dl>
            <p class="detail">Of: {events.join(', ')}.</p>
            {lastFailure !== null && <p class="problem">Last failure: {lastFailure}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Count({
  label,
  value,
  isBad = false,
}: {
  readonly label: string;
  readonly value: number;
  readonly isBad?: boolean;
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd class={isBad ? 'bad' : ''}>{showNumber(value)}</dd>
    </div>
  );
}

function DeadLetters({ letters }: { readonly letters: readonly DeadLetter[] }) {
  return (
    <section aria-labelledby="dead">
      <h2 id="dead">Dead letters</h2>
      {letters.length === 0 && <p>No message was given up.</p>}
      <ol class="trail">
        {letters.map(({ id, at, url, type, tries, failure, body }) => (
          <li key={id}>
            <time dateTime={at}>{showWhen(at)}</time> <b>{type}</b> to <span class="address">{url}</span>
            <span class="detail">
              Given up after {tries} {tries === 1 ? 'try' : 'tries'}: {failure}
            </span>
            <details>
              <summary>What it said</summary>
              <pre>{JSON.stringify(body, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}
