// The operations on the gateways themselves: their log level, and the webhooks they send.
import * as z from 'zod';
import { logLevels } from '../log.ts';
import { jsonAnswer } from '../ops-problem.ts';
import type { ApiNeeds } from './api-needs.ts';
import { expected } from './check-body.ts';
import { json, type Operation, operation } from './operation.ts';
import { reason } from './texts.ts';

const webhookShape = z.looseObject({ url: z.string(), waiting: z.int(), delivered: z.int(), failed: z.int() });

export function gatewayOperations({ logLevel, audit, webhooks }: ApiNeeds): readonly Operation[] {
  const level = z.enum(logLevels, expected(`one of ${logLevels.join(', ')}`));
  const levelShape = z.object({ level: z.enum(logLevels), configured: z.enum(logLevels) });
  return [
    operation({
      ...{ name: 'getLogLevel', method: 'GET', path: '/api/v1/log-level', role: 'viewer' },
      summary: 'The log level of the gateways, and the one of this configuration.',
      answers: [json(levelShape)],
      run: async () => jsonAnswer(200, logLevel.facts),
    }),
    operation({
      ...{ name: 'setLogLevel', method: 'PUT', path: '/api/v1/log-level', role: 'operator' },
      summary: 'Set the log level of all gateways, within a second; null goes back to the configuration.',
      body: z.strictObject({ level: level.nullable(), reason }),
      answers: [json(levelShape)],
      problems: ['store-unavailable'],
      async run({ body, operator }) {
        const { level: wanted, reason: why = null } = body;
        const before = { level: logLevel.facts.level };
        const deed = { operator, what: 'setLogLevel', room: null, why, before, after: { level: wanted } };
        await audit.write(
          deed,
          () => logLevel.set(wanted),
          () => null,
        );
        return jsonAnswer(200, logLevel.facts);
      },
    }),
    operation({
      ...{ name: 'getWebhooks', method: 'GET', path: '/api/v1/webhooks', role: 'viewer' },
      summary: 'The webhooks as this gateway sends them, and the messages that were given up.',
      answers: [
        json(z.object({ webhooks: z.array(webhookShape), deadLetters: z.array(z.looseObject({ id: z.string() })) })),
      ],
      problems: ['store-unavailable'],
      run: async () => jsonAnswer(200, { webhooks: webhooks.states(), deadLetters: await webhooks.deadLetters(100) }),
    }),
  ];
}
