// Loads configurations for the tests of config/: as objects, since JSON is YAML.
import { type Loaded, loadSettings } from '../../../src/config/load.ts';
import { showProblem } from '../../../src/config/problems.ts';
import type { RoomSettings, Settings } from '../../../src/config/settings.ts';

export const leastRoom = { id: 'sale', shop: 'http://127.0.0.1:3000' };
export const least = { rooms: [leastRoom] };

export function load(file: unknown, env: Record<string, string> = {}, path = '/etc/junban/junban.yaml'): Loaded {
  return loadSettings({ path, text: typeof file === 'string' ? file : JSON.stringify(file), env });
}

export function settingsOf(file: unknown, env: Record<string, string> = {}): Settings {
  const loaded = load(file, env);
  if (loaded.kind === 'ok') return loaded.settings;
  throw new Error(loaded.problems.map(showProblem).join('\n'));
}

export function roomOf(room: Record<string, unknown>): RoomSettings {
  const [first] = settingsOf({ rooms: [{ ...leastRoom, ...room }] }).rooms;
  if (first === undefined) throw new Error('no room');
  return first;
}

/** Each problem as its one line. */
export function problemsOf(file: unknown, env: Record<string, string> = {}): string[] {
  const loaded = load(file, env);
  return loaded.kind === 'ok' ? [] : loaded.problems.map(showProblem);
}

export const problemsOfRoom = (room: Record<string, unknown>): string[] =>
  problemsOf({ rooms: [{ ...leastRoom, ...room }] });
