#!/usr/bin/env node
// The command line: reads what is asked, wires it, prints what people read, and sets the exit code.

import './config/header-budget.ts';
import { createReadStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Command, parseCommand } from './config/command-line.ts';
import { readEnvironment, readTelemetry } from './config/environment.ts';
import { helpText } from './config/help-text.ts';
import { editorSchema } from './config/json-schema.ts';
import { loadSettings } from './config/load.ts';
import { notesOn } from './config/notes.ts';
import { type Problem, showProblems } from './config/problems.ts';
import { showSettings } from './config/redact.ts';
import type { Settings } from './config/settings.ts';
import { bodyBytesMax, verifyDrawFile } from './draw/verify-draw.ts';
import { junbanVersion } from './junban-version.ts';
import { initKeys, rotateKeys } from './keys-command.ts';
import { createLog } from './ops/log.ts';
import { noteOnLogo, readLogo } from './page/read-logo.ts';
import { writeReport } from './report-command.ts';
import { serve } from './serve.ts';
import { PartError, refusalOfProcesses, serveProcesses } from './serve-processes.ts';
import { isStoreError } from './store/store-error.ts';
import { TokenError } from './tokens/token-error.ts';

type ServeCommand = Extract<Command, { kind: 'serve' }>;

/** Exit codes: 1 it could not be done, 2 it was asked for wrongly. */
type ExitCode = 0 | 1 | 2;

const command = parseCommand(process.argv.slice(2));
process.exitCode = await run().catch(sayFailure);

async function run(): Promise<ExitCode> {
  switch (command.kind) {
    case 'help':
      return say(helpText(command.topic));
    case 'version':
      return say(`junban ${await junbanVersion()}`);
    case 'problem':
      return complain(`junban: ${command.message}`, 2);
    case 'schema':
      return say(editorSchema());
    case 'check':
      return withLooks(command.configPath, (settings, notesOnLogos) => {
        for (const note of [...notesOn(settings.rooms, Date.now()), ...notesOnLogos])
          process.stderr.write(`note: ${note}\n`);
        return say(showSettings(settings));
      });
    case 'serve':
      return withLooks(command.configPath, settings => serveUntilSignal(settings, command));
    case 'demo':
      // The shop and the fans of the demo are no part of a gateway that serves.
      return (await import('../loadtest/demo/demo.ts')).runDemo(command);
    case 'verify-draw':
      return verifyDraw(command.file, command.number);
    case 'report':
      return withSettings(command.configPath, async settings => say(await writeReport({ settings, ...command })));
    case 'keys': {
      const act = command.action === 'init' ? initKeys : rotateKeys;
      const { keys } = command;
      if (keys.kind === 'folder') return say(await act({ path: keys.path, settings: null }));
      return withSettings(keys.configPath, async settings => say(await act({ path: null, settings })));
    }
  }
}

async function withSettings(
  path: string,
  act: (settings: Settings) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  const loaded = loadSettings({ path, env: readEnvironment() });
  return loaded.kind === 'ok' ? act(loaded.settings) : complain(showProblems(path, loaded.problems), 1);
}

/** With the pictures that the rooms' pages will show, too. // CF80 */
function withLooks(
  path: string,
  act: (settings: Settings, notesOnLogos: readonly string[]) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  return withSettings(path, async settings => {
    const problems: Problem[] = [];
    const notes: string[] = [];
    for (const [index, { look }] of settings.rooms.entries()) {
      const logo = look.logoPath === null ? null : await readLogo(look.logoPath);
      if (logo?.kind === 'problem') problems.push({ path: `rooms[${index}].look.logo`, message: logo.message });
      const note = logo?.kind === 'logo' ? noteOnLogo(logo.address) : null;
      if (note !== null) notes.push(`rooms[${index}].look.logo ${note}`);
    }
    return problems.length > 0 ? complain(showProblems(path, problems), 1) : act(settings, notes);
  });
}

/** Runs until SIGTERM or SIGINT; a second signal does not wait. */
async function serveUntilSignal(settings: Settings, { configPath, processes }: ServeCommand): Promise<ExitCode> {
  const log = createLog(settings.log.level);
  const count = processes === 'auto' ? availableParallelism() : processes;
  const isOne = processes === 1;
  const refusal = isOne ? null : refusalOfProcesses(settings, count);
  if (refusal !== null) return complain(`junban: ${refusal}`, 1);
  const gateway = await (isOne
    ? serve(settings, log, { telemetry: readTelemetry() })
    : serveProcesses({ configPath, settings, count, log }));
  const signal = await new Promise<string>(resolve => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(1));
  log.info({ signal }, 'stopping: devices are told to come back');
  // A thread that hangs in the kernel holds up every other way to end.
  if ((await gateway.stop()) === false) process.kill(process.pid, 'SIGKILL');
  log.info({}, 'stopped');
  // What is left are other people's connections and timers of libraries; everything of ours is on disk.
  process.exit(0);
}

async function verifyDraw(path: string, number: number | null): Promise<ExitCode> {
  const file = await readFacts(path).catch((error: unknown) => {
    if (isSystemError(error) && error instanceof Error) return error;
    throw error;
  });
  if (file instanceof Error) return complain(`UNREADABLE: ${file.message}`, 2);
  const { exitCode, lines } = verifyDrawFile(file, number === null ? {} : { number });
  const text = lines.join('\n');
  return exitCode === 0 ? say(text) : complain(text, exitCode);
}

/** "-" is the standard input. No more than can be facts, whatever stands there. */
async function readFacts(path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bodyBytesMax) break;
  }
  return Buffer.concat(chunks);
}

function say(text: string): ExitCode {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return 0;
}

function complain<Code extends ExitCode>(text: string, exitCode: Code): Code {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
  return exitCode;
}

/** What people can mend is one line; everything else shows where it came from. */
function sayFailure(error: unknown): ExitCode {
  // What a process of ours had to say it has said.
  if (error instanceof PartError) process.exit(1);
  const isExpected = isStoreError(error) || error instanceof TokenError || isSystemError(error);
  complain(`junban: ${isExpected && error instanceof Error ? error.message : describe(error)}`, 1);
  process.exit(1);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function isSystemError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && typeof error.code === 'string') || isSystemError(error.cause);
}
