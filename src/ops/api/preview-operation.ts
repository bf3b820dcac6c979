// The waiting page of a room with all its screens beside each other, for the operator's browser. How they look is the
// page's business.
import * as z from 'zod';
import { opsProblem, textAnswer } from '../ops-problem.ts';
import type { ApiNeeds } from './api-needs.ts';
import { type Operation, operation } from './operation.ts';
import { messageText } from './texts.ts';

const query = z.strictObject({
  room: z.string().max(63).optional().meta({ description: 'Id of the room; default the first one.' }),
  language: z.string().max(16).optional().meta({ description: "Language of the page; default the room's own." }),
  message: messageText
    .optional()
    .meta({ description: 'A message to the line: the answer is then the page of somebody in line with it, alone.' }),
});

export function previewOperation({ rooms }: ApiNeeds): Operation {
  return operation({
    ...{ name: 'previewPage', method: 'GET', path: '/_junban/preview', role: 'viewer' },
    summary: 'Every screen of the waiting page of a room on one HTML page, or a message as the fans see it.',
    query,
    answers: [{ status: 200, contentType: 'text/html', schema: z.string() }],
    problems: ['room-unknown'],
    async run(ask) {
      const [first] = rooms().keys();
      const id = ask.query.room ?? first ?? '';
      const room = rooms().get(id);
      if (room === undefined) return opsProblem('room-unknown', `There is no room ${JSON.stringify(id)}.`);
      const { html, policy } = room.preview(ask.query.language ?? null, ask.query.message ?? null);
      const answer = textAnswer(200, html, 'text/html; charset=utf-8');
      return {
        ...answer,
        headers: { ...answer.headers, 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' },
      };
    },
  });
}
