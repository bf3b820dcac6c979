// Traces for OpenTelemetry: requests to the shop, claims, and what each turn of a caller commits. The packages are loaded
// only where the standard variables ask for traces; spans wait in a bounded queue and go out beside the work.

import type { Context, Span, SpanKind } from '@opentelemetry/api';
import type { ShopTracer } from '../proxy/request-trace.ts';
import type { ShopOutcome, ShopTrouble } from '../proxy/shop-port.ts';
import type { RoomAnswer, RoomRequest } from '../queue/answer-request.ts';

/** What of the configuration's answer matters here. */
export type TelemetryWish =
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly protocol: 'http/protobuf' | 'http/json' }
  | { readonly kind: 'unusable'; readonly reason: string };

export type TracingNeeds = {
  /** Names this gateway. */
  readonly holder: string;
  /** Told when spans do not go out. */
  readonly onTrouble: (reason: string) => void;
};

/** What a span says beside its name and times. */
export type SpanFacts = Readonly<Record<string, string | number>>;

export type WorkSpan = {
  /** Ends the span with the work; `outcomeOf` says in a word how it went. */
  around<T>(work: Promise<T>, outcomeOf: (result: T) => string): Promise<T>;
};

export type Tracing = {
  readonly shop: ShopTracer;
  begin(name: string, facts: SpanFacts): WorkSpan;
  /** Sends what is left, for a short while. */
  stop(): Promise<void>;
};

type Ask = (request: RoomRequest) => Promise<RoomAnswer>;

const stopMsMax = 1_500;
const traced: ReadonlySet<RoomRequest['kind']> = new Set(['claim', 'enter']);

/** Null: nobody asked for traces, and nothing of this costs anything. */
export async function openTracing(wish: TelemetryWish, { holder, onTrouble }: TracingNeeds): Promise<Tracing | null> {
  if (wish.kind === 'off') return null;
  if (wish.kind === 'unusable') {
    onTrouble(wish.reason);
    return null;
  }
  const [api, resources, sdk, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    wish.protocol === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const quiet = () => undefined;
  const told = (message: string) => onTrouble(message.slice(0, 500));
  api.diag.setLogger({ error: told, warn: told, info: quiet, debug: quiet, verbose: quiet }, api.DiagLogLevel.WARN);
  const { resourceFromAttributes, detectResources, envDetector } = resources;
  // What the variables say goes before what we say.
  const resource = resourceFromAttributes({ 'service.name': 'junban', 'service.instance.id': holder }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  const provider = new sdk.BasicTracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('junban');
  const begin = (name: string, kind: SpanKind, facts: SpanFacts, parent: Context): Span =>
    tracer.startSpan(name, { kind, attributes: { ...facts } }, parent);
  const root = api.ROOT_CONTEXT;
  return {
    shop: {
      begin({ room, method, path, requestId, traceparent, tracestate }) {
        const sent = parentOf(traceparent);
        const parent =
          sent === null
            ? root
            : api.trace.setSpanContext(root, {
                ...sent,
                isRemote: true,
                ...(tracestate !== '' && { traceState: api.createTraceState(tracestate) }),
              });
        const span = begin(`shop ${method}`, api.SpanKind.CLIENT, { 'junban.room': room }, parent);
        span.setAttributes({ 'http.request.method': method, 'url.path': path, 'junban.request_id': requestId });
        return {
          traceparent: headerOf(span),
          end: (outcome, later) => endShopSpan(span, outcome, later, api.SpanStatusCode.ERROR),
        };
      },
    },
    begin(name, facts) {
      const span = begin(name, api.SpanKind.INTERNAL, facts, root);
      return { around: (work, outcomeOf) => around(span, work, outcomeOf, api.SpanStatusCode.ERROR) };
    },
    async stop() {
      const late = new Promise<void>(resolve => setTimeout(resolve, stopMsMax).unref());
      // A receiver that is away has been told of.
      await Promise.race([provider.shutdown().catch(quiet), late]);
      api.diag.disable();
    },
  };
}

/** The same question, with a span for those by which a device gets in. */
export function tracedAsk(tracing: Tracing, room: string, ask: Ask): Ask {
  return request =>
    traced.has(request.kind)
      ? tracing.begin(request.kind, { 'junban.room': room }).around(ask(request), ({ kind }) => kind)
      : ask(request);
}

async function around<T>(
  span: Span,
  work: Promise<T>,
  outcomeOf: (result: T) => string,
  errorCode: number,
): Promise<T> {
  try {
    const result = await work;
    span.setAttribute('junban.outcome', outcomeOf(result));
    return result;
  } catch (error) {
    span.setStatus({ code: errorCode, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
}

function endShopSpan(span: Span, outcome: ShopOutcome, later: ShopTrouble | null, errorCode: number): void {
  span.setAttribute('junban.outcome', outcome.kind);
  if (outcome.kind === 'answered') {
    span.setAttribute('http.response.status_code', outcome.status);
    if (outcome.signature) span.setAttribute('junban.error_signature', true);
    if (outcome.signature || outcome.status >= 500) span.setStatus({ code: errorCode });
  } else if (outcome.kind !== 'abandoned') span.setStatus({ code: errorCode, message: outcome.detail });
  if (later !== null) {
    span.setAttribute('junban.body', later.kind);
    span.setStatus({ code: errorCode, message: later.detail });
  }
  span.end();
}

/** Null: there is none, or it is none of W3C's. */
function parentOf(
  traceparent: string,
): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number } | null {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}

function headerOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
