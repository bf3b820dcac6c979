// Forward-auth checks per second and the gateway's CPU time per check, as nginx asks for them with a living pass, against
// a bare uWebSockets.js "hello" that gets the same requests. `node loadtest/bench-auth.ts [--save]`. Needs wrk.
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { requestText, sendRaw, startRecordingShop } from '../test/support/raw-http.ts';
import { median, ratioAtLeast, report } from './bench-figures.ts';
import { cpuMs, endRole, forkRole, requireWrk, runWrk, serveHello } from './bench-process.ts';

const rounds = 7;
const roundSeconds = 2;
const connections = 64;

type Round = { readonly perSecond: number; readonly cpuUs: number; readonly perCpuSecond: number };
type Target = { readonly name: string; readonly url: string; readonly pid: number };

async function measure({ name, url, pid }: Target, headers: readonly string[], seconds: number): Promise<Round> {
  const beforeMs = cpuMs(pid);
  const options = [`-c${connections}`, ...headers.flatMap(header => ['-H', header])];
  const { requests, perSecond, not2xx } = await runWrk(url, seconds, options);
  if (not2xx > 0) throw new Error(`${name}: ${not2xx} of ${requests} checks were refused`);
  const usedMs = cpuMs(pid) - beforeMs;
  return { perSecond, cpuUs: (usedMs * 1_000) / requests, perCpuSecond: (requests * 1_000) / usedMs };
}

async function run(): Promise<void> {
  await requireWrk();
  const hello = await forkRole(import.meta.filename, 'hello');
  const shop = await startRecordingShop();
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'sale', shop: shop.origin, match: { bypass: ['/assets/'] } }],
    more: { trustedProxies: ['127.0.0.1/32'] },
  });
  const entered = await sendRaw(gateway.port, requestText('GET / HTTP/1.1', ['Host: shop.test', 'Accept: text/html']));
  const setCookies = entered.headers.get('set-cookie') ?? '';
  const cookies = setCookies.split('\n').map(line => line.split(';')[0]);
  const headers = [
    'Host: shop.test',
    `Cookie: ${cookies.join('; ')}`,
    'X-Original-URI: /cart?item=5',
    'X-Original-Method: GET',
    'X-Forwarded-For: 192.0.2.7',
    'X-Forwarded-Proto: http',
  ];
  const path = '/_junban/v1/auth?mode=nginx';
  const targets = {
    hello: { name: 'hello', url: `http://127.0.0.1:${hello.port}${path}`, pid: hello.pid },
    check: { name: 'check', url: `${gateway.url}${path}`, pid: gateway.pid },
  } satisfies Record<string, Target>;
  const seen = { hello: [] as Round[], check: [] as Round[] };
  try {
    for (const target of Object.values(targets)) await measure(target, headers, 2);
    for (let round = 0; round < rounds; round += 1) {
      seen.hello.push(await measure(targets.hello, headers, roundSeconds));
      seen.check.push(await measure(targets.check, headers, roundSeconds));
    }
  } finally {
    await Promise.all([endRole(hello), gateway.remove(), shop.close()]);
  }
  const of = (who: keyof typeof seen, what: keyof Round) => median(seen[who].map(round => round[what]));
  const figure = (what: string, unit: string, field: keyof Round) => ({
    what,
    unit,
    value: of('check', field),
    floor: of('hello', field),
  });
  report(
    'bench-auth',
    [
      { ...figure('pass checks', 'per second', 'perSecond'), budget: null },
      { ...figure('pass checks per core', 'per CPU second', 'perCpuSecond'), budget: ratioAtLeast(0.6) },
      { ...figure('CPU per pass check', 'µs', 'cpuUs'), budget: null },
    ],
    { rounds, roundSeconds, connections },
  );
}

if (process.argv.includes('--role=hello')) process.send?.(await serveHello());
else await run();
