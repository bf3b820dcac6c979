// One process of ours, from its start to its end: it ends once, whether it ended by itself or could not be started. When
// it is started again is left to serve-processes.ts.

import { type ChildProcess, fork } from 'node:child_process';

/** What a part is told first; a part that loses its parent stops by itself. */
export type PartOrder = { readonly configPath: string; readonly opsPort: number };
/** The second comes every `alivePeriodMs` while the event loop of the part turns. */
export type PartSays = { readonly kind: 'listening'; readonly port: number } | { readonly kind: 'alive' };

/** `trouble`: it could not be started; null: it ran. */
export type PartEnd = { readonly code: number | null; readonly signal: string | null; readonly trouble: string | null };

export type PartNeeds = {
  readonly file: string;
  readonly order: PartOrder;
  /** Default: this process' own. */
  readonly folder?: string;
  readonly onMessage: (message: PartSays) => void;
};

export class PartProcess {
  readonly ended: Promise<PartEnd>;
  #child: ChildProcess | null = null;

  constructor(needs: PartNeeds) {
    this.ended = new Promise(resolve => {
      const failed = (error: unknown) =>
        resolve({ code: null, signal: null, trouble: error instanceof Error ? error.message : String(error) });
      try {
        const child = start(needs);
        this.#child = child;
        child.on('exit', (code, signal) => resolve({ code, signal, trouble: null }));
        // Of a process that runs it says that a signal did not reach it. // ST183
        child.on('error', error => {
          if (child.pid === undefined) failed(error);
        });
        // A process that does not hear it ends, or never began.
        child.send(needs.order, () => undefined);
      } catch (error) {
        failed(error);
      }
    });
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#child?.kill(signal);
  }
}

function start({ file, folder, onMessage }: PartNeeds): ChildProcess {
  const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'], ...(folder ? { cwd: folder } : {}) });
  child.on('message', (message: PartSays) => onMessage(message));
  return child;
}
