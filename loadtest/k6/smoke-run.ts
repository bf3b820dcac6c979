// Runs the smoke scenario from nothing to nothing: shop, gateway, k6, judgement, and all of them stopped again.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openShop } from '../shop/shop.ts';
import { endProcess, startGateway } from './gateway-process.ts';
import { type Judgement, judgePace, judgePlaces, judgeSummary, readSamples } from './judge.ts';

export type SmokeOutcome =
  | { readonly kind: 'ran'; readonly judgements: readonly Judgement[]; readonly summary: unknown }
  | { readonly kind: 'k6Missing' }
  | { readonly kind: 'broken'; readonly message: string };

export interface SmokeOptions {
  readonly signal: AbortSignal;
  /** Another gateway's public address in place of one started here; its room must be `sale` with the smoke's pace. */
  readonly gatewayUrl?: string;
}

export const smokeRoom = { id: 'sale', pacePerMinute: 120, activeCap: 200 } as const;

const k6MsMax = 150_000;

export async function runSmoke({ signal, gatewayUrl }: SmokeOptions): Promise<SmokeOutcome> {
  if ((await runProcess('k6', ['version'], signal)) === undefined) return { kind: 'k6Missing' };
  const folder = await mkdtemp(join(tmpdir(), 'junban-smoke-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const endings: Judgement[] = [];
  try {
    let url = gatewayUrl;
    if (url === undefined) {
      const shop = await openShop({ port: 0, controlPort: 0, knee: 500 });
      stops.push(() => shop.stop());
      const gateway = await startGateway({ ...smokeRoom, shopUrl: shop.url });
      stops.push(async () => {
        const code = await gateway.stop();
        endings.push({ promise: 'SIGTERM ends the gateway', isKept: code === 0, seen: `exit code ${code}` });
      });
      url = gateway.url;
    }
    const summaryFile = join(folder, 'summary.json');
    const samplesFile = join(folder, 'samples.json');
    const settings = { GATEWAY_URL: url, ROOM: smokeRoom.id, SUMMARY_FILE: summaryFile };
    const script = join(import.meta.dirname, 'smoke.js');
    const environment = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const args = ['run', '--quiet', '--no-usage-report', '--out', `json=${samplesFile}`, ...environment, script];
    const said = await runProcess('k6', args, signal);
    if (signal.aborted) return { kind: 'broken', message: 'interrupted' };
    const summary: unknown = JSON.parse(await readFile(summaryFile, 'utf8').catch(() => 'null'));
    if (summary === null) return { kind: 'broken', message: `k6 wrote no summary: ${said ?? ''}` };
    const samples = readSamples(await readFile(samplesFile, 'utf8'));
    await stopAll(stops);
    const judgements = [judgePlaces(samples), judgePace(samples, smokeRoom.pacePerMinute), ...judgeSummary(summary)];
    return { kind: 'ran', judgements: [...judgements, ...endings], summary };
  } catch (error) {
    return { kind: 'broken', message: error instanceof Error ? error.message : String(error) };
  } finally {
    await stopAll(stops);
  }
}

async function stopAll(stops: (() => Promise<unknown>)[]): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

/** What the program said at last, whatever its exit code; undefined when there is no such program. */
async function runProcess(program: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const end = (): void => void endProcess(child, 5_000);
  const tooLong = setTimeout(end, k6MsMax);
  signal.addEventListener('abort', end);
  try {
    return await new Promise<string | undefined>((settle, reject) => {
      child.once('close', () => settle(said));
      child.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? settle(undefined) : reject(error),
      );
    });
  } finally {
    clearTimeout(tooLong);
    signal.removeEventListener('abort', end);
  }
}
