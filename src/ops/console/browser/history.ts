// The last hour of a room and what would become of its line, asked for every ten seconds.
import { useEffect, useState } from 'preact/hooks';
import { call, type ForecastAnswer, type HistoryRow } from './api.ts';
import { showNumber, showSpan, showWhen } from './words.ts';

const periodMs = 10_000;
const typingMs = 300;

export function useHistory(room: string): readonly HistoryRow[] {
  const [rows, setRows] = useState<readonly HistoryRow[]>([]);
  useEffect(() => {
    const read = async () => {
      const reply = await call<{ readonly rows: readonly HistoryRow[] }>('GET', `rooms/${room}/history?minutes=60`);
      if (reply.kind === 'ok') setRows(reply.value.rows);
    };
    void read();
    const timer = setInterval(read, periodMs);
    return () => clearInterval(timer);
  }, [room]);
  return rows;
}

/** Null: nobody knows (yet). `perMinute` null asks nothing. */
export function useForecast(room: string, perMinute: number | null): ForecastAnswer | null {
  const [forecast, setForecast] = useState<ForecastAnswer | null>(null);
  useEffect(() => {
    setForecast(null);
    if (perMinute === null) return;
    let isWanted = true;
    const read = async () => {
      const reply = await call<ForecastAnswer>('GET', `rooms/${room}/forecast?perMinute=${perMinute}`);
      if (isWanted) setForecast(reply.kind === 'ok' ? reply.value : null);
    };
    const first = setTimeout(read, typingMs);
    const timer = setInterval(read, periodMs);
    return () => {
      isWanted = false;
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [room, perMinute]);
  return forecast;
}

export function forecastInWords(forecast: ForecastAnswer): string {
  const { waiting, emptyAt, admittedPerMinute, isBoundByCap, joinsPerMinute } = forecast;
  const cap = isBoundByCap ? ` The cap lets in only about ${showNumber(admittedPerMinute)} a minute.` : '';
  if (waiting === 0) return `nobody is in line.${cap}`;
  const joins = `${showNumber(joinsPerMinute)} a minute join`;
  if (emptyAt === null) return `the line would not get shorter, as ${joins}.${cap}`;
  const span = showSpan(Date.parse(emptyAt) - Date.now());
  return `the line would be empty at ${showWhen(emptyAt)}, in ${span}, if ${joins} as in the last minutes.${cap}`;
}
