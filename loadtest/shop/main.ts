// Command line of the demo shop: opens it, says where, and closes it on Ctrl-C.
import { parseArgs } from 'node:util';
import { openShop } from './shop.ts';

const usage =
  'node loadtest/shop/main.ts [--port 3000] [--control-port 3001] [--knee 200] [--restock-after-ms 0] [--seed 1]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3000' },
      'control-port': { type: 'string', default: '3001' },
      knee: { type: 'string', default: '200' },
      'restock-after-ms': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  });
  const shop = await openShop({
    port: wholeNumber('--port', values.port, 65_535),
    controlPort: wholeNumber('--control-port', values['control-port'], 65_535),
    knee: Math.max(1, wholeNumber('--knee', values.knee, 100_000)),
    restockAfterMs: wholeNumber('--restock-after-ms', values['restock-after-ms'], 86_400_000),
    seed: wholeNumber('--seed', values.seed, 4_294_967_295),
  });
  process.stdout.write(`shop ${shop.url}\ncontrol ${shop.controlUrl}/_lab\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shop.stop());
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value <= most) return value;
  throw new Error(`${option} is '${text}': a whole number from 0 to ${most} is expected`);
}

main().catch((error: Error) => {
  process.stderr.write(`shop: ${error.message} (${usage})\n`);
  process.exitCode = 1;
});
