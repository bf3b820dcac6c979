// How a room stands now: what is wrong first, then its numbers, then why no more are called and when the line will end.
import type { HistoryRow, RoomReport } from './api.ts';
import { forecastInWords, useForecast } from './history.ts';
import { Figure } from './rooms-view.tsx';
import {
  limitInWords,
  nextTimeOf,
  showCountdown,
  showMessage,
  showNumber,
  showTime,
  showValue,
  showWhen,
} from './words.ts';

export function Standing({ room, rows }: { readonly room: RoomReport; readonly rows: readonly HistoryRow[] }) {
  const row = rows.at(-1);
  const next = nextTimeOf(room);
  return (
    <section class="standing" aria-labelledby="now">
      <Notices notices={warningsOf(room)} />
      <h2 id="now">
        Now <span class="unit">as of {showTime(room.asOf)}</span>
      </h2>
      <dl class="figures">
        <Figure label="In line" value={showNumber(room.waiting)} />
        <Figure label="Called" value={showNumber(room.called)} />
        <Figure label="Inside" value={showNumber(room.active)} of={room.activeCap} part={room.active} />
        <Figure label="Pace" value={showNumber(room.pacePerMinute)} unit="/min" />
        <Figure label="Let in" value={row === undefined ? '–' : showNumber(row.admissionsPerMinute)} unit="/min" />
        <Figure label="Joins" value={row === undefined ? '–' : showNumber(row.joinsPerMinute)} unit="/min" />
      </dl>
      {next !== null && (
        <p class="next">
          {next.what} in <b>{showCountdown(Date.parse(next.at) - Date.parse(room.asOf))}</b>, at {showWhen(next.at)}.
        </p>
      )}
      {room.phase === 'open' && (
        <p>
          {limitInWords(room)} <Prospect room={room} />
        </p>
      )}
      <Notices notices={wordsOf(room)} />
      <dl class="figures small">
        <Figure label="Present" value={showNumber(room.present)} />
        <Figure label="Missed a call" value={showNumber(room.missed)} />
        <Figure label="May come back" value={showNumber(room.comebacks)} />
        <Figure label="Not claimed" value={showNumber(Math.round(room.noShowShare * 1_000) / 10)} unit=" % of calls" />
        <Figure label="Let in, ever" value={showNumber(room.admitted)} />
        <Figure label="No-shows, ever" value={showNumber(room.noShows)} />
        <Figure label="Handed out" value={showNumber(room.handedOut)} />
      </dl>
    </section>
  );
}

function Prospect({ room }: { readonly room: RoomReport }) {
  const isGoing = room.phase === 'open' && !room.paused && room.waiting > 0;
  const forecast = useForecast(room.room, isGoing ? room.pacePerMinute : null);
  if (!isGoing || forecast === null) return null;
  if (room.limit === 'cap' && !forecast.isBoundByCap) {
    return <span>When the line will be empty depends on how soon those inside leave; that is not known yet.</span>;
  }
  return <span>As it stands, {forecastInWords(forecast)}</span>;
}

type Notice = readonly [tone: 'bad' | 'warn' | 'still', words: string];

/** What is wrong, or stops the line. */
function warningsOf(room: RoomReport): readonly Notice[] {
  return [
    ...(room.storeTrouble === null
      ? []
      : [['bad', `The store does not answer: ${room.storeTrouble}. The numbers are the last known.`] as const]),
    ...(room.drawTrouble === null
      ? []
      : [['bad', `The draw gives nobody a place at this gateway: ${room.drawTrouble}. It is tried again.`] as const]),
    ...(room.shopFailing ? [['bad', `${shopWords(room)} Nobody is called, and nobody’s time runs.`] as const] : []),
    ...drawWarnings(room),
    ...(room.paused ? [['warn', 'Paused by an operator. Nobody is called or let in.'] as const] : []),
    ...(room.draining ? [['warn', 'Draining. Nobody new is called; who is called or inside goes on.'] as const] : []),
    ...(room.autopilot.signatureUseless
      ? [['warn', 'An error signature matches nearly every page of the shop, so it is left out of account.'] as const]
      : []),
  ];
}

function drawWarnings({ draw }: RoomReport): readonly Notice[] {
  if (draw === null) return [];
  if (draw.fellBack) return [['warn', 'What was announced for the draw did not come in time: it was made without it.']];
  if (draw.waitsUntil === null) return [];
  const awaited = draw.announced === 'figure' ? `the figure that was announced (${draw.named})` : 'its drand round';
  return [
    ['warn', `The draw waits for ${awaited}, until ${showWhen(draw.waitsUntil)} at most; nobody is called before.`],
  ];
}

/** What the line is told. */
function wordsOf(room: RoomReport): readonly Notice[] {
  return [
    ...(room.message === null ? [] : [['still', `The line reads: ${showMessage(room)}`] as const]),
    ...(room.stock === null ? [] : [['still', `The line is told what is left: ${showValue(room.stock)}.`] as const]),
  ];
}

function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  if (notices.length === 0) return null;
  return (
    <ul class="notices">
      {notices.map(([tone, words]) => (
        <li key={words} class={`${tone}-edge`}>
          {words}
        </li>
      ))}
    </ul>
  );
}

const shopWords = ({ shopFailingBy }: RoomReport): string =>
  shopFailingBy.includes('gateways') ? 'The shop is failing.' : 'An operator says that the shop is failing.';
