// The facts about this machine that every measured figure carries with it.
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

export interface MachineFacts {
  readonly cpuModel: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly kernel: string;
}

export function machineFacts(): MachineFacts {
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    kernel: `${type()} ${release()}`,
  };
}
