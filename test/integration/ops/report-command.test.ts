// `junban report` from the command line: on a store that nobody has, and while a gateway has it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GatewayProcess, runJunban } from '../../support/gateway-process.ts';

let gateway: GatewayProcess;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'junban-report-'));
  gateway = await GatewayProcess.start({ rooms: [{ id: 'sale', shop: 'http://127.0.0.1:9' }] });
});
afterEach(async () => {
  await gateway.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('[OP115] [OP228] the report is written beside a running gateway and without one, and a wrong room is one line', async () => {
  await gateway.operate('PUT', 'sale/pace', { perMinute: 77, reason: 'for the report' });
  const write = (room: string) => runJunban(['report', room, '--config', gateway.configPath, '--out', folder]);
  const html = () => readFileSync(join(folder, 'sale.html'), 'utf8');
  const beside = await write('sale');
  expect([beside.code, beside.stdout]).toEqual([0, `${join(folder, 'sale.html')}\n${join(folder, 'sale.csv')}\n`]);
  expect(html()).toContain('for the report');
  const elsewhere = await write('nothere');
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    1,
    `junban: the gateway at 127.0.0.1:${gateway.opsPort} has no room "nothere"\n`,
  ]);
  await gateway.terminate();
  rmSync(join(folder, 'sale.html'));
  expect((await write('sale')).code).toBe(0);
  expect(html()).toContain('for the report');
  expect(readFileSync(join(folder, 'sale.csv'), 'utf8')).toMatch(/^at,phase,/);
  const wrong = await write('../etc');
  expect([wrong.code, wrong.stderr]).toEqual([1, 'junban: "../etc" is not a room id\n']);
  // It was an empty report of a room that never was.
  const unknown = await write('nothere');
  expect([unknown.code, unknown.stderr]).toEqual([
    1,
    'junban: there is no room "nothere", and no history of one; there are: sale\n',
  ]);
});
