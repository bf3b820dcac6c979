// The pace, with what would happen at another one while it is being typed.
import { useEffect, useState } from 'preact/hooks';
import { call, type ForecastAnswer, type RoomReport } from './api.ts';
import { type Ask, Panel } from './switches.tsx';
import { showNumber, showSpan, showTime } from './words.ts';

const forecastDelayMs = 300;

export function PaceSwitch({ room, ask }: { readonly room: RoomReport; readonly ask: Ask }) {
  const [pace, setPace] = useState('');
  const wanted = Number(pace);
  const isGood = pace !== '' && wanted > 0 && wanted <= 1_000_000;
  const forecast = useForecast(room.room, isGood ? wanted : room.pacePerMinute);
  const words = forecast === null ? '' : forecastInWords(forecast);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isGood) return;
    const effect = `Up to ${showNumber(wanted)} devices a minute are called and let in, instead of ${showNumber(room.pacePerMinute)}, from now on, on every gateway. ${words}`;
    const isDangerous = wanted > 2 * room.pacePerMinute || wanted < room.pacePerMinute / 2;
    ask({
      title: `Set the pace to ${showNumber(wanted)}`,
      effect,
      isDangerous,
      method: 'PUT',
      path: 'pace',
      body: { perMinute: wanted },
    });
  };
  return (
    <Panel title="Pace">
      <form onSubmit={submit}>
        <label>
          Devices a minute, now {showNumber(room.pacePerMinute)}
          <input
            type="number"
            name="pace"
            min="0"
            step="any"
            value={pace}
            onInput={event => setPace(event.currentTarget.value)}
          />
        </label>
        <p class="forecast" role="status">
          {isGood ? `At ${showNumber(wanted)} a minute: ` : 'As it stands: '}
          {words}
        </p>
        <button type="submit" disabled={!isGood}>
          Set the pace…
        </button>
      </form>
    </Panel>
  );
}

function forecastInWords({
  waiting,
  emptyAt,
  admittedPerMinute,
  isBoundByCap,
  joinsPerMinute,
}: ForecastAnswer): string {
  const cap = isBoundByCap ? ` The cap lets in only about ${showNumber(admittedPerMinute)} a minute.` : '';
  if (waiting === 0) return `nobody is in line.${cap}`;
  if (emptyAt === null)
    return `the line would not get shorter: ${showNumber(joinsPerMinute)} a minute still join.${cap}`;
  return `the line would be empty at ${showTime(emptyAt)}, in ${showSpan(Date.parse(emptyAt) - Date.now())}.${cap}`;
}

function useForecast(room: string, perMinute: number): ForecastAnswer | null {
  const [forecast, setForecast] = useState<ForecastAnswer | null>(null);
  useEffect(() => {
    const timer = setTimeout(async () => {
      const reply = await call<ForecastAnswer>('GET', `rooms/${room}/forecast?perMinute=${perMinute}`);
      setForecast(reply.kind === 'ok' ? reply.value : null);
    }, forecastDelayMs);
    return () => clearTimeout(timer);
  }, [room, perMinute]);
  return forecast;
}
