// The control port: moves the knee and throws the switches while the shop runs. For the lab and the demo, on loopback only.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fieldsOf, problem } from './api.ts';
import { jsonAnswer, readBody, type ShopAnswer, type ShopParts, writeAnswer } from './shop-request.ts';
import type { ShopCounters } from './switches.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ControlParts extends ShopParts {
  readonly work: WorkQueue;
  readonly counters: ShopCounters;
  /** Closes the shop's port and cuts every connection. */
  readonly die: () => Promise<void>;
  /** Opens the shop's port again. */
  readonly revive: () => Promise<void>;
  readonly isAlive: () => boolean;
}

type Fields = ReadonlyMap<string, unknown>;
type Command = (fields: Fields, parts: ControlParts) => void | string | Promise<void>;

const requestsPerSecondMax = 100_000;
const slowLoginMsMax = 600_000;

/** Each command returns what was wrong with its fields, or nothing. */
const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    '/_lab/knee',
    (fields, { work }) => {
      const knee = fields.get('requestsPerSecond');
      if (typeof knee !== 'number' || !(knee > 0 && knee <= requestsPerSecondMax)) {
        return `requestsPerSecond: a number above 0, at most ${requestsPerSecondMax}`;
      }
      return work.setRequestsPerSecond(knee);
    },
  ],
  [
    '/_lab/slow-login',
    (fields, { switches }) => {
      const slowLoginMs = fields.get('delayMs');
      if (typeof slowLoginMs !== 'number' || !(slowLoginMs >= 0 && slowLoginMs <= slowLoginMsMax)) {
        return `delayMs: a number from 0 to ${slowLoginMsMax}`;
      }
      switches.slowLoginMs = slowLoginMs;
      return undefined;
    },
  ],
  [
    '/_lab/fail',
    (fields, { switches }) => {
      const on = fields.get('on');
      if (typeof on !== 'boolean') return 'on: true or false';
      switches.failing = on;
      return undefined;
    },
  ],
  [
    '/_lab/end-command',
    (fields, { switches }) => {
      const on = fields.get('on');
      if (typeof on !== 'boolean') return 'on: true or false';
      switches.endsPasses = on;
      return undefined;
    },
  ],
  [
    '/_lab/stock',
    (fields, { stock }) => {
      const category = fields.get('category');
      const count = fields.get('add');
      if (typeof category !== 'string' || typeof count !== 'number' || !Number.isInteger(count) || count < 1) {
        return 'category: a text, add: a whole number from 1 on';
      }
      return stock.add(category, count) ? undefined : `category: ${category} is not on sale`;
    },
  ],
  ['/_lab/die', (_fields, { die }) => die()],
  ['/_lab/revive', (_fields, { revive }) => revive()],
]);

export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  parts: ControlParts,
): Promise<void> {
  writeAnswer(response, await control(request, parts));
}

async function control(request: IncomingMessage, parts: ControlParts): Promise<ShopAnswer> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (request.method === 'GET' && path === '/_lab') return jsonAnswer(200, labFacts(parts));
  if (request.method === 'GET' && path === '/_lab/orders') return jsonAnswer(200, { orders: parts.orders.latest() });
  const command = commands.get(path);
  if (command === undefined) return problem(404, 'not-found');
  if (request.method !== 'POST') return problem(405, 'method-not-allowed');
  const fields = fieldsOf((await readBody(request)) ?? 'too large');
  if (fields === undefined) return problem(400, 'body-invalid');
  const wrong = await command(fields, parts);
  return typeof wrong === 'string' ? problem(400, 'field-invalid', wrong) : jsonAnswer(200, labFacts(parts));
}

function labFacts(parts: ControlParts): unknown {
  const { work, counters, switches, stock, orders } = parts;
  return {
    alive: parts.isAlive(),
    requestsPerSecond: work.requestsPerSecond(),
    waitingForWork: work.depth(),
    ...switches,
    ...counters,
    orders: orders.total(),
    stock: stock.categories(Date.now()).map(({ category, ...counts }) => ({ category: category.id, ...counts })),
  };
}
