// The OpenAPI document against the API itself: schemathesis asks what the document allows and what it forbids, and holds
// every answer against it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonTool } from '../../support/python-tools.ts';
import { openStand, type Stand, token } from './ops-stand.ts';

let stand: Stand;
let schemathesis: string;
/** It keeps notes where it runs. */
let folder: string;
beforeAll(async () => {
  schemathesis = pythonTool('schemathesis==4.32.5', 'st');
  folder = mkdtempSync(join(tmpdir(), 'junban-schemathesis-'));
  stand = await openStand({ limits: { failuresMax: 1_000_000 } });
}, 300_000);
afterAll(async () => {
  await stand.close();
  rmSync(folder, { recursive: true, force: true });
});

test('[OP81] the document names every operation, its role and its problems', async () => {
  const document = (await stand.call('GET', '/api/v1/openapi.json')).json();
  expect(document['openapi']).toBe('3.1.0');
  expect(Object.keys(Object(document['paths'])).length).toBeGreaterThan(20);
  const setPace = Object(document['paths'])['/api/v1/rooms/{room}/pace'].put;
  expect(setPace).toMatchObject({ operationId: 'setPace', description: 'Needs the role operator.' });
  const setMessage = Object(document['paths'])['/api/v1/rooms/{room}/message'].post;
  expect(setMessage.requestBody.content['application/json'].schema.properties.texts).toMatchObject({
    ...{ minProperties: 1, maxProperties: 40 },
  });
  expect(Object.keys(setPace.responses)).toEqual(
    expect.arrayContaining(['200', '400', '401', '403', '404', '409', '412', '503']),
  );
});

test('[OP81] schemathesis finds nothing', { timeout: 300_000 }, async () => {
  const run = spawn(
    schemathesis,
    [
      ...['run', `${stand.url}/api/v1/openapi.json`, '--header', `Authorization: Bearer ${token}`],
      ...['--exclude-operation-id', 'followRooms', '--exclude-operation-id', 'logIn'],
      // What a body may be beyond its schema (white space, directions of writing) the document cannot say.
      ...['--exclude-checks', 'positive_data_acceptance'],
      ...[
        '--phases',
        'examples,coverage,fuzzing',
        '--max-examples',
        '12',
        '--seed',
        '1',
        '--no-color',
        '--generation-database',
        ':memory:',
      ],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [said] = await Promise.all([text(run.stdout), once(run, 'close')]);
  expect([run.exitCode, run.exitCode === 0 ? '' : said.slice(-8_000)]).toEqual([0, '']);
});
