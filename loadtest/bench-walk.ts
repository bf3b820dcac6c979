// What a room that nobody waits for adds to the way into the shop: a new device that walks straight through, and a request
// with a pass, beside the same request sent to the shop. `node loadtest/bench-walk.ts [--save]`. One request at a time.
// Who walks in is answered when the record of it is written; a bare write to the disk, which follows, stands beside.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'undici';
import { GatewayProcess } from '../test/support/gateway-process.ts';
import { atMost, report } from './bench-figures.ts';
import { endRole, forkRole, serveHello } from './bench-process.ts';

/** Until then the compiler is at work beside the requests, on the same cores, for milliseconds at a time. */
const warmUpRounds = 9_000;
const rounds = warmUpRounds + 3_000;
const navigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

type Sample = { readonly tookMs: number; readonly cookies: string };

async function ask(client: Client, cookie: string | null): Promise<Sample> {
  const startedAtMs = performance.now();
  const headers = cookie === null ? navigation : { ...navigation, cookie };
  const answer = await client.request({ path: '/', method: 'GET', headers });
  const text = await answer.body.text();
  const tookMs = performance.now() - startedAtMs;
  if (answer.statusCode !== 200 || text !== 'hello world')
    throw new Error(`not the shop's answer: ${answer.statusCode}`);
  const cookies = [answer.headers['set-cookie'] ?? []].flat().map(line => line.split(';', 1)[0] ?? '');
  return { tookMs, cookies: cookies.join('; ') };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

/** How long one page takes to the disk and back, as the store waits for it. */
function diskWrites(): readonly number[] {
  const path = join(tmpdir(), `junban-bench-walk-${process.pid}`);
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096);
  const took = Array.from({ length: 3_000 }, (_, index) => {
    const startedAtMs = performance.now();
    writeSync(file, page, 0, page.length, (index % 64) * page.length);
    fdatasyncSync(file);
    return performance.now() - startedAtMs;
  });
  closeSync(file);
  rmSync(path);
  return took;
}

async function run(): Promise<void> {
  const hello = await forkRole(import.meta.filename, 'hello');
  const shop = `http://127.0.0.1:${hello.port}`;
  const gateway = await GatewayProcess.start({
    rooms: [{ id: 'net', shop, pacePerMinute: 600_000, activeCap: 1_000_000 }],
  });
  const [direct, through] = [new Client(shop), new Client(gateway.url)];
  const seen = { direct: [] as number[], walkIn: [] as number[], withPass: [] as number[] };
  try {
    const { cookies } = await ask(through, null);
    for (let round = 0; round < rounds; round += 1) {
      if (round === warmUpRounds) for (const samples of Object.values(seen)) samples.length = 0;
      // By turns, so that what else the machine does meets all alike.
      seen.direct.push((await ask(direct, null)).tookMs);
      seen.walkIn.push((await ask(through, null)).tookMs);
      seen.withPass.push((await ask(through, cookies)).tookMs);
    }
  } finally {
    await Promise.all([direct.close(), through.close()]);
    await Promise.all([endRole(hello), gateway.remove()]);
  }
  const disk = diskWrites();
  const figures = [0.5, 0.99].flatMap(share => {
    const floor = quantile(seen.direct, share);
    const added = (what: string, samples: readonly number[]) => ({
      what: `${what}, p${share * 100} added`,
      unit: 'ms',
      value: quantile(samples, share) - floor,
      floor: null,
      budget: share === 0.99 ? atMost(1) : null,
    });
    return [
      { what: `the shop itself, p${share * 100}`, unit: 'ms', value: floor, floor: null, budget: null },
      {
        what: `a write to the disk, p${share * 100}`,
        unit: 'ms',
        value: quantile(disk, share),
        floor: null,
        budget: null,
      },
      added('with a pass', seen.withPass),
      added('walking in', seen.walkIn),
    ];
  });
  report('bench-walk', figures);
}

if (process.argv.includes('--role=hello')) process.send?.(await serveHello());
else await run();
