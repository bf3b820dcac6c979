// Traces over real HTTP: a gateway process, a shop, and a receiver of OTLP as a collector has one; and the request id in
// the log of the gateway.
import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { RecordingShop } from '../../support/recording-shop.ts';

type Posted = { readonly path: string; readonly type: string; readonly key: string; readonly body: Buffer };
type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
type Span = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
};
type Sent = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
};

let receiver: Server;
let endpoint: string;
let posted: Posted[];
let shop: RecordingShop;
let gateway: GatewayProcess | null;
beforeEach(async () => {
  [posted, gateway] = [[], null];
  receiver = createServer(async (incoming, response) => {
    const { url = '', headers } = incoming;
    const [type = '', key = ''] = [headers['content-type'], headers['x-key']].map(String);
    posted.push({ path: url, type, key, body: await buffer(incoming) });
    response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
  });
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  shop = await RecordingShop.start();
});
afterEach(async () => {
  await gateway?.remove();
  await shop.close();
  receiver.closeAllConnections();
  receiver.close();
});

async function startGateway(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  gateway = await GatewayProcess.start({ rooms: [{ id: 'sale', shop: shop.url }], env });
  return gateway;
}

const sent = (): readonly Sent[] => posted.map(({ body }) => JSON.parse(body.toString()) as Sent);
const spans = (): readonly Span[] =>
  sent().flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(each => each.spans)),
  );
const named = (name: string): Span | undefined => spans().find(span => span.name === name);
const factsOf = (attributes: readonly Attribute[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test('[OP142] a request to the shop is a span between the trace of the fan and that of the shop', async () => {
  const { url } = await startGateway({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of the tests',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
  });
  const [traceId, parentId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const { body } = await request(`${url}/tickets?name=secret`, {
    headers: { accept: 'text/html', traceparent: `00-${traceId}-${parentId}-01`, 'x-request-id': 'front-17' },
  });
  await body.dump();
  await expect.poll(() => named('shop GET'), { timeout: 5_000 }).toMatchObject({ traceId, parentSpanId: parentId });
  const span = named('shop GET');
  expect(factsOf(span?.attributes ?? [])).toEqual({
    'junban.room': 'sale',
    'junban.request_id': 'front-17',
    'junban.outcome': 'answered',
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.path': '/tickets',
  });
  expect(shop.requests[0]?.headers).toMatchObject({
    traceparent: `00-${traceId}-${span?.spanId}-01`,
    'x-request-id': 'front-17',
  });
  expect(factsOf(named('enter')?.attributes ?? [])).toEqual({ 'junban.room': 'sale', 'junban.outcome': 'admitted' });
  await expect
    .poll(() => named('commit')?.attributes)
    .toContainEqual({ key: 'junban.room', value: { stringValue: 'sale' } });
  expect(posted[0]).toMatchObject({ path: '/v1/traces', type: 'application/json', key: 'of the tests' });
  expect(factsOf(sent()[0]?.resourceSpans[0]?.resource.attributes ?? [])).toMatchObject({
    'service.name': 'junban',
    'deployment.environment': 'test',
  });
  expect(posted.some(each => each.body.includes('secret'))).toBe(false);
});

test('[OP142] what is left goes out at the end, as protobuf where nothing else is said; a fan that is not sampled stays so', async () => {
  const started = await startGateway({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/traces`,
    OTEL_SERVICE_NAME: 'tokyo',
  });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  const { body } = await request(started.url, { headers: { accept: 'text/html', traceparent } });
  await body.dump();
  expect(shop.requests[0]?.headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
  expect(posted).toEqual([]);
  expect((await started.terminate()).code).toBe(0);
  expect(posted.map(({ path, type }) => [path, type])).toEqual([['/traces', 'application/x-protobuf']]);
  const [{ body: bytes } = { body: Buffer.of() }] = posted;
  expect([bytes.includes('tokyo'), bytes.includes('commit'), bytes.includes('shop GET')]).toEqual([true, true, false]);
});

test('[OP143] while traces cannot go out everything else goes on, with one line that says so', async () => {
  const started = await startGateway({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_BSP_SCHEDULE_DELAY: '20',
  });
  for (let visit = 0; visit < 3; visit += 1) {
    const { statusCode, body } = await request(started.url, { headers: { accept: 'text/html' } });
    expect([statusCode, await body.text()]).toEqual([200, expect.stringContaining('the shop')]);
  }
  await expect.poll(() => started.said, { timeout: 10_000 }).toContain('traces do not go out');
  expect(started.said.match(/traces do not go out/g)?.length).toBe(1);
  expect((await started.terminate()).code).toBe(0);
});

/** The line of the gateway's log about this kind of trouble with the shop. */
function lineAbout({ said }: GatewayProcess, kind: string): Readonly<Record<string, unknown>> {
  const lines = said.split('\n').filter(line => line.includes('the shop left a request without an answer'));
  return lines.map(line => JSON.parse(line)).find(line => line.kind === kind) ?? {};
}

test('[OP140] a line about a request has the id that the shop got, or would have got, and nothing of its query', async () => {
  const started = await startGateway({});
  const visit = async (headers: Readonly<Record<string, string>>) => {
    const answered = await request(`${started.url}/buy?name=secret`, { headers: { accept: 'text/html', ...headers } });
    await answered.body.dump();
    return answered.statusCode;
  };
  // The shop dies over the request: it has seen the id.
  shop.answer = async () => {
    await shop.close();
    return null;
  };
  expect(await visit({})).toBe(502);
  await expect.poll(() => lineAbout(started, 'broken')).toMatchObject({ level: 'warn', room: 'sale' });
  expect(lineAbout(started, 'broken')['requestId']).toBe(shop.requests[0]?.headers['x-request-id']);
  expect(await visit({ 'x-request-id': 'front-18' })).toBe(502);
  await expect.poll(() => lineAbout(started, 'refused')).toMatchObject({ room: 'sale', requestId: 'front-18' });
  expect(started.said).not.toContain('secret');
});
