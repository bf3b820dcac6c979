// The shapes of what the API answers, for its OpenAPI document. A test holds real answers against them.
import * as z from 'zod';
import { autopilotCauses, autopilotModes } from '../../queue/autopilot-rules.ts';
import { phases } from '../../queue/room-change.ts';
import { auditOutcomes } from '../audit-log.ts';
import { roles } from '../operator.ts';
import { shopWitnesses } from '../room-report.ts';

const instant = z.iso.datetime();
const count = z.int().gte(0);

export const roomShape = z
  .looseObject({
    room: z.string(),
    phase: z.enum(phases),
    paused: z.boolean(),
    pacePerMinute: z.number(),
    activeCap: count,
    handedOut: count.nullable(),
    present: count,
    waiting: count,
    called: count,
    missed: count.meta({ description: 'Devices whose call was taken back and that were not heard of since.' }),
    comebacks: count.meta({
      description: 'Devices whose pass ran out and that may still come back ahead of the line.',
    }),
    noShows: count,
    noShowShare: z.number().gte(0).lte(1).meta({ description: 'The learned share of calls that nobody claims.' }),
    admitted: count,
    active: count,
    frontier: count,
    autopilot: z.looseObject({
      mode: z.enum(autopilotModes),
      minPerMinute: z.number(),
      maxPerMinute: z.number(),
      stepPercent: z.number(),
      latencyTargetMs: z.number().nullable(),
      pacePerMinute: z
        .number()
        .nullable()
        .meta({ description: 'What it set, or in shadow would set; null while it has set none.' }),
      cause: z.enum(autopilotCauses).nullable(),
      reason: z.string(),
      signatureUseless: z
        .boolean()
        .meta({ description: 'An error signature matches nearly every page and is left out of account.' }),
    }),
    limit: z.string().nullable(),
    message: z.string().nullable(),
    messages: z.record(z.string(), z.string()).nullable(),
    stock: z.array(z.object({ name: z.string(), remaining: count.nullable() })).nullable(),
    opensAt: instant.nullable(),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    draw: z
      .object({
        commitment: z.string(),
        announced: z.enum(['drand', 'figure', 'none']),
        named: z.string().nullable(),
        drawn: count.nullable().meta({ description: 'How many numbers were sealed; null before the start.' }),
        revealedWith: z.enum(['drand', 'figure', 'none']).nullable(),
        fellBack: z.boolean().meta({ description: 'What was announced did not come in time: it was drawn without.' }),
        waitsUntil: instant.nullable().meta({ description: 'While what was announced is awaited.' }),
      })
      .nullable(),
    revision: count.meta({ description: 'Grows whenever the room is steered; its quoted form is the ETag.' }),
    differences: z
      .array(z.object({ setting: z.string(), file: z.unknown(), now: z.unknown() }))
      .meta({ description: 'What an operator set, where it differs from the file.' }),
    shopFailing: z.boolean(),
    shopFailingBy: z
      .array(z.enum(shopWitnesses))
      .meta({ description: 'Who says so: the gateways see it, an operator knows it.' }),
    draining: z.boolean().meta({ description: 'Nobody new is called.' }),
    totals: z.object({ called: count, returners: count, ended: count }),
    storeTrouble: z.string().nullable(),
    drawTrouble: z.string().nullable().meta({ description: 'Why the drawn order is not known at this gateway.' }),
    checking: z.boolean(),
    asOf: instant,
  })
  .meta({ id: 'Room' });

export const roomsShape = z.object({ rooms: z.array(roomShape) });

export const tokenShape = z
  .object({
    name: z.string(),
    role: z.enum(roles),
    source: z.enum(['configuration', 'api']),
    createdAt: instant.nullable(),
    createdBy: z.string().nullable(),
    expiresAt: z.iso.datetime({ offset: true }).nullable(),
    version: count.meta({ description: 'Its quoted form is the ETag; 0 for one of the configuration or none at all.' }),
  })
  .meta({ id: 'Token' });

export const sessionShape = z
  .object({
    name: z.string(),
    role: z.enum(roles),
    csrf: z.string().nullable().meta({ description: 'Send it as Junban-Csrf with every write of this session.' }),
  })
  .meta({ id: 'Session' });

export const auditRecordShape = z
  .object({
    position: z.int(),
    id: z.string(),
    at: instant,
    who: z.string(),
    role: z.enum(roles),
    via: z.enum(['token', 'session', 'proxy']),
    what: z.string(),
    room: z.string().nullable(),
    why: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    outcome: z.enum(auditOutcomes),
    failure: z.string().nullable(),
  })
  .meta({ id: 'AuditRecord' });

export const problemShape = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    problems: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
