// A gateway that cannot begin, in this process: whatever it had begun by then has to be gone.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';
import type { Log } from '../../../src/process-log.ts';
import { serve } from '../../../src/serve.ts';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { freePort } from '../../support/free-port.ts';

let folder: string;
const log: Log = { level: 'info', info: () => undefined, warn: () => undefined, error: () => undefined };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'junban-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function settingsOn(port: number): Promise<Settings> {
  const loaded = loadSettings({
    path: join(folder, 'junban.json'),
    text: JSON.stringify({
      listen: `127.0.0.1:${port}`,
      ops: { listen: `127.0.0.1:${await freePort()}` },
      store: { kind: 'embedded', path: join(folder, 'data') },
      rooms: ['broken', 'whole'].map(id => ({
        id,
        shop: 'http://127.0.0.1:9',
        pacePerMinute: 60,
        match: { paths: [`/${id}/`] },
      })),
    }),
    env: { JUNBAN_OPS_TOKEN: 'a-token-of-the-tests' },
  });
  if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded.problems));
  return loaded.settings;
}

/** Timers and listeners of this process that are there to stay. */
function running(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout' || kind === 'TCPServerWrap').length;
}

async function expectNothingLeft(settings: Settings, before: number): Promise<void> {
  const { host, port } = settings.ops.listen;
  await expect(fetch(`http://${host}:${port}/livez`)).rejects.toThrow();
  const store = await EmbeddedStore.open(join(folder, 'data'), { nowMs: () => Date.now() });
  await store.close();
  await expect.poll(running).toBeLessThanOrEqual(before);
}

test('[OP92] a busy public port leaves no ops listener, no open store and no room behind', async () => {
  const busy = createServer();
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const address = busy.address();
  const settings = await settingsOn(address !== null && typeof address === 'object' ? address.port : 0);
  const before = running();
  await expect(serve(settings, log)).rejects.toThrow('in use');
  await expectNothingLeft(settings, before);
  busy.close();
});

test('[OP92] one room that cannot be opened leaves none of the others open', async () => {
  const settings = await settingsOn(await freePort());
  const store = await EmbeddedStore.open(join(folder, 'data'), { nowMs: () => Date.now() });
  const lead = await store.lead('broken');
  await store.commit('broken', lead?.epoch ?? 0, 0, [{ kind: 'phase', phase: 'open', atMs: 1 }]);
  await store.compact('broken', lead?.epoch ?? 0, 1, new Uint8Array([1, 2, 3]));
  await store.close();
  const before = running();
  await expect(serve(settings, log)).rejects.toThrow();
  await expectNothingLeft(settings, before);
});
