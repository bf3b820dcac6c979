// The log: JSON lines, one an event, without credentials; and a guard that keeps one lasting trouble from being a line
// for every request.
import { type DestinationStream, type Logger, pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Whatever has one of these names is never written, at the top of a line or one or two levels down. */
const secretNames = [
  'cookie',
  'Cookie',
  '["set-cookie"]',
  '["Set-Cookie"]',
  '["proxy-authorization"]',
  '["Proxy-Authorization"]',
  '["junban-pass"]',
  '["Junban-Pass"]',
  '["junban-csrf"]',
  '["Junban-Csrf"]',
  'csrf',
  'authorization',
  'Authorization',
  'token',
  'ticket',
  'pass',
  'password',
  'secret',
];

/** OP16. Writes to stdout unless told where to. */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretNames.flatMap(redactedPaths), censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function redactedPaths(name: string): string[] {
  const below = name.startsWith('[') ? name : `.${name}`;
  return [name, `*${below}`, `*.*${below}`];
}

export type LimitedLog = {
  /** Writes the first of a key, then at most one every period, with how many were left out in `leftOut`. */
  warn(key: string, fields: Readonly<Record<string, unknown>>, message: string): void;
  error(key: string, fields: Readonly<Record<string, unknown>>, message: string): void;
};

/** More keys than this share one period, so that a key made from a request cannot fill the memory. */
const keysMax = 256;

type Written = { untilMs: number; leftOut: number };

/** OP17. For what may happen on every request while a trouble lasts. */
export function limited(
  log: { readonly [level in 'warn' | 'error']: (fields: object, message: string) => void },
  everyMs: number,
  nowMs: () => number = () => performance.now(),
): LimitedLog {
  const writtenByKey = new Map<string, Written>();
  const write =
    (level: 'warn' | 'error'): LimitedLog['warn'] =>
    (key, fields, message) => {
      const known = writtenByKey.has(key) || writtenByKey.size < keysMax ? key : '';
      const written = writtenByKey.get(known) ?? { untilMs: Number.NEGATIVE_INFINITY, leftOut: 0 };
      writtenByKey.set(known, written);
      const atMs = nowMs();
      if (atMs < written.untilMs) {
        written.leftOut += 1;
        return;
      }
      log[level](written.leftOut > 0 ? { ...fields, leftOut: written.leftOut } : fields, message);
      written.untilMs = atMs + everyMs;
      written.leftOut = 0;
    };
  return { warn: write('warn'), error: write('error') };
}
