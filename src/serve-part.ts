// One of several gateway processes on one port: takes its order from its parent, serves until it is told to stop or the
// parent is gone. Wiring only.

import './config/header-budget.ts';
import { once } from 'node:events';
import { readEnvironment, readTelemetry } from './config/environment.ts';
import { loadSettings } from './config/load.ts';
import { showProblems } from './config/problems.ts';
import { createLog } from './ops/log.ts';
import type { PartOrder, PartSays } from './part-process.ts';
import { serve } from './serve.ts';
import { alivePeriodMs } from './serve-processes.ts';

const [order]: [PartOrder] = (await once(process, 'message')) as [PartOrder];
const told = new Promise<void>(resolve => {
  // Ctrl-C reaches every process of the terminal; the parent passes on what is meant for all.
  process.on('SIGINT', () => undefined);
  process.once('SIGTERM', () => resolve());
  process.once('disconnect', () => resolve());
});
try {
  await run();
  process.exit(0);
} catch (error) {
  process.stderr.write(`junban: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  const loaded = loadSettings({ path: order.configPath, env: readEnvironment() });
  if (loaded.kind !== 'ok') throw new Error(showProblems(order.configPath, loaded.problems));
  const { settings } = loaded;
  const listen = { ...settings.ops.listen, port: order.opsPort };
  const log = createLog(settings.log.level);
  const gateway = await serve({ ...settings, ops: { ...settings.ops, listen } }, log, {
    sharesPort: true,
    telemetry: readTelemetry(),
  });
  const says: PartSays = { kind: 'listening', port: gateway.port };
  process.send?.(says);
  const alive: PartSays = { kind: 'alive' };
  setInterval(() => process.connected && process.send?.(alive), alivePeriodMs);
  await told;
  if (!(await gateway.stop())) process.kill(process.pid, 'SIGKILL');
}
