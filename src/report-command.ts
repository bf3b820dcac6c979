// `junban report ROOM`: writes the report after the sale as files. From the store itself; while a gateway has the embedded
// store, from that gateway.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from './config/settings.ts';
import { openStore } from './open-store.ts';
import { roomsDocument } from './ops/api/room-book.ts';
import { historyLogOf } from './ops/history-log.ts';
import { createLog } from './ops/log.ts';
import { type Report, readReport } from './ops/report/read-report.ts';
import type { OperatorsStore } from './store/operators-store.ts';
import { isStoreError } from './store/store-error.ts';

/** Gives what to tell the person who asked. Rejects with what can be mended. */
export async function writeReport(of: {
  readonly settings: Settings;
  readonly room: string;
  readonly outPath: string;
}): Promise<string> {
  const { settings, room, outPath } = of;
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(room)) throw userError(`${JSON.stringify(room.slice(0, 80))} is not a room id`);
  const { html, csv } = await reportOf(settings, room);
  await mkdir(outPath, { recursive: true });
  const files = [
    [join(outPath, `${room}.html`), html],
    [join(outPath, `${room}.csv`), csv],
  ] as const;
  for (const [path, text] of files) await writeFile(path, text);
  return files.map(([path]) => path).join('\n');
}

async function reportOf(settings: Settings, room: string): Promise<Report> {
  try {
    const { store, clock } = await openStore(settings, createLog('warn'));
    try {
      const known = [
        ...settings.rooms.map(({ id }) => id),
        ...roomIdsIn(await store.operators.readDocument(roomsDocument)),
      ];
      const isKnown = known.includes(room) || (await hasHistory(store.operators, room));
      if (!isKnown) throw unknownRoom(room, known);
      return await readReport(store.operators, room, clock.nowMs());
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!isStoreError(error, 'in-use')) throw error;
    return { html: await ask(settings, `${room}/report`), csv: await ask(settings, `${room}/report.csv`) };
  }
}

function roomIdsIn(document: string | null): readonly string[] {
  return document === null ? [] : Object.keys(JSON.parse(document));
}

/** A room that was taken away has its history still. */
async function hasHistory(store: OperatorsStore, room: string): Promise<boolean> {
  return (await store.readRecords(historyLogOf(room), null, 1)).length > 0;
}

/** OP228 */
function unknownRoom(room: string, known: readonly string[]): Error {
  return userError(`there is no room "${room}", and no history of one; there are: ${known.join(', ')}`);
}

async function ask({ ops }: Settings, path: string): Promise<string> {
  const { host, port } = ops.listen;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${name}:${port}/api/v1/rooms/${path}`;
  // Every role may read a report; the admin's token comes first.
  const [credential] = ops.tokens;
  if (credential === undefined)
    throw userError('the store is in use by a gateway, and there is no ops token to ask it with');
  const response = await fetch(url, { headers: { authorization: `Bearer ${credential.token}` } }).catch(
    (cause: unknown) => {
      throw userError(`the store is in use by a gateway that does not answer at ${url}`, cause);
    },
  );
  if (response.status === 404) throw userError(`the gateway at ${host}:${port} has no room "${path.split('/')[0]}"`);
  if (!response.ok) throw userError(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  return response.text();
}

/** What the person at the keyboard can mend; told as one line. */
function userError(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'ERR_REPORT' });
}
