// Starts store-child.ts as a real process and reads what it prints.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChildLine } from './store-child.ts';

const childFile = fileURLToPath(new URL('./store-child.ts', import.meta.url));

export type StoreProcess = {
  readonly lines: readonly ChildLine[];
  /** The first line of the kind that was printed or will be; rejects if the process ends without one. */
  first<Kind extends ChildLine['kind']>(kind: Kind): Promise<Extract<ChildLine, { kind: Kind }>>;
  /** SIGKILL, then everything it had printed is in `lines`. */
  kill(): Promise<void>;
  /** Waits for the end: exit code and stderr. */
  ended(): Promise<{ readonly code: number | null; readonly stderr: string }>;
};

export function startStoreProcess(folder: string): StoreProcess {
  const child: ChildProcess = spawn(process.execPath, [childFile, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: ChildLine[] = [];
  let stderr = '';
  let onLine: () => void = () => undefined;
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const closed = once(child, 'close').then(([code]) => Number(code));
  if (child.stdout === null) throw new Error('the child has no stdout');
  createInterface(child.stdout).on('line', line => {
    // The last line of a killed process may be cut: nobody was answered by half a line.
    if (line.endsWith('}')) lines.push(JSON.parse(line) as ChildLine);
    onLine();
  });
  return {
    lines,
    first<Kind extends ChildLine['kind']>(kind: Kind) {
      return new Promise<Extract<ChildLine, { kind: Kind }>>((resolve, reject) => {
        const isWanted = (line: ChildLine): line is Extract<ChildLine, { kind: Kind }> => line.kind === kind;
        onLine = () => {
          const found = lines.find(isWanted);
          if (found !== undefined) resolve(found);
        };
        onLine();
        closed.then(code => reject(new Error(`the process ended with ${code}: ${stderr}`)), reject);
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async ended() {
      return { code: await closed, stderr };
    },
  };
}
