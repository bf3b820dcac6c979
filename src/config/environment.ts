// The only reader of process.env. Everybody else is handed what this returns, but for OpenTelemetry, which reads its own.

/** The JUNBAN_ variables alone, by name. */
export type Environment = Readonly<Record<string, string>>;

export function readEnvironment(): Environment {
  const ours: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('JUNBAN_') && value !== undefined) ours[name] = value;
  }
  return Object.freeze(ours);
}

/** How traces go out. Where to, what of them and how often the packages of OpenTelemetry read for themselves. */
export type TelemetrySettings =
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly protocol: 'http/protobuf' | 'http/json' }
  /** They were asked for in a way that is not spoken here. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** The standard variables of OpenTelemetry; any of those that name where traces go turns them on. */
export function readTelemetry(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): TelemetrySettings {
  const read = (name: string): string => variables[name]?.trim() ?? '';
  const exporter = read('OTEL_TRACES_EXPORTER').toLowerCase();
  const isAsked = exporter !== '' || read(`${otlp}_ENDPOINT`) !== '' || read(`${otlp}_TRACES_ENDPOINT`) !== '';
  if (!isAsked || exporter === 'none' || read('OTEL_SDK_DISABLED').toLowerCase() === 'true') return { kind: 'off' };
  if (exporter !== '' && exporter !== 'otlp') {
    return { kind: 'unusable', reason: 'OTEL_TRACES_EXPORTER: only "otlp" and "none" are known here' };
  }
  const protocol = read(`${otlp}_TRACES_PROTOCOL`) || read(`${otlp}_PROTOCOL`) || 'http/protobuf';
  if (protocol === 'http/protobuf' || protocol === 'http/json') return { kind: 'on', protocol };
  return { kind: 'unusable', reason: `${otlp}_PROTOCOL: only "http/protobuf" and "http/json" are spoken here` };
}

const otlp = 'OTEL_EXPORTER_OTLP';
