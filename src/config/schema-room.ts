// The shape of one room in the configuration file. Each description is what an editor shows: one sentence, unit, default.
import { domainToASCII } from 'node:url';
import * as z from 'zod';
import { isHostName, parseOrigin, parseShop } from './address.ts';
import { type Parsed, parsed, refused } from './parsed.ts';
import { parsePathPrefix } from './path-prefix.ts';
import { duration, instant, plain, text, whole } from './schema-values.ts';
import { waitingStatuses } from './settings.ts';

const listMax = 256;
const perMinuteMax = 10_000_000;
const roomIdPattern = '^[a-z0-9][a-z0-9-]{0,62}$';

function readRoomId(id: string): Parsed<string> {
  if (new RegExp(roomIdPattern).test(id)) return parsed(id);
  return refused(
    `${JSON.stringify(id.slice(0, 80))} is not a room id: a-z, 0-9 and "-", not "-" first, 63 characters at most`,
  );
}

function readHost(host: string): Parsed<string> {
  if (host === '*') return parsed(host);
  const shown = JSON.stringify(host.slice(0, 80));
  const name = host.replace(/^\*\./, '');
  if (name.includes('*')) return refused(`${shown} is refused: a "*" stands alone or first, as in "*.example.com"`);
  if (name.includes('/')) return refused(`${shown} must be a host name only, as in "tickets.example"`);
  if (/^\[[0-9a-f:.]+\]$/i.test(host)) return parsed(host.toLowerCase());
  if (/:\d*$/.test(name)) return refused(`${shown} must not have a port: a room matches its host on every port`);
  const plain = /^[\d.]+$/.test(name) ? name : domainToASCII(name);
  if (!isHostName(plain)) return refused(`${shown} is not a host name: write it as in "tickets.example"`);
  return parsed(`${host.startsWith('*.') ? '*.' : ''}${plain.replace(/\.$/, '').toLowerCase()}`);
}

function readHeader(line: string): Parsed<{ readonly name: string; readonly value: string | null }> {
  const match = /^([!#$%&'*+.^_`|~0-9a-z-]+)(?::[ \t]*([\x20-\x7e]*?)[ \t]*)?$/i.exec(line);
  if (match === null) return refused('this is not a header: write "x-error", or "x-error: overloaded"');
  return parsed({ name: (match[1] ?? '').toLowerCase(), value: match[2] || null });
}

function readChain(hash: string): Parsed<string> {
  return /^[0-9a-f]{64}$/.test(hash) ? parsed(hash) : refused('a chain hash is 64 hex digits in lower case');
}

function readUrl(url: string): Parsed<string> {
  const good = /^https?:\/\/[^\s\\@?#]+$/i.test(url) && URL.canParse(url);
  return good
    ? parsed(url)
    : refused(`${JSON.stringify(url.slice(0, 80))} must be an http or https address, as in "https://api.drand.sh"`);
}

const pathPrefix = (description: string) => text(description, parsePathPrefix, { pattern: '^/' });

const matchSchema = z.strictObject({
  hosts: z
    .array(
      text('A host name without port, "*.example.com" for all below it, or "*" for every host.', readHost, {
        examples: ['tickets.example'],
      }),
    )
    .min(1)
    .max(listMax)
    .prefault(['*'])
    .meta({ description: 'Host names of the room, without port; default ["*"], every host.' }),
  paths: z
    .array(pathPrefix('A path prefix on segment borders: /a covers /a and /a/b, not /ab.'))
    .min(1)
    .max(listMax)
    .prefault(['/'])
    .meta({ description: 'Path prefixes of the room, on segment borders; default ["/"], every path.' }),
  bypass: z
    .array(pathPrefix('A path prefix that goes straight to the shop.'))
    .max(listMax)
    .prefault([])
    .meta({ description: 'Path prefixes that go straight to the shop without a pass; default none.' }),
});

const errorSignatureSchema = z
  .strictObject({
    status: whole('Status of the answer, 100 to 599; default any.', 100, 599).optional(),
    header: text('A header of the answer, "name" or "name: part of its value"; default any.', readHeader).optional(),
    body: plain('A text within the body, such as "M941"; default any.', 256).optional(),
  })
  .meta({ description: 'An answer of the shop that counts as an error when all that is given here holds.' });

const autopilotSchema = z.strictObject({
  mode: z
    .enum(['off', 'shadow', 'on'])
    .prefault('off')
    .meta({ description: 'off, shadow (advice only) or on; default off.' }),
  minPerMinute: whole('The autopilot never sets a pace below this, per minute; default 60.', 1, perMinuteMax).prefault(
    60,
  ),
  maxPerMinute: whole(
    'The autopilot never sets a pace above this, per minute; default 6000.',
    1,
    perMinuteMax,
  ).prefault(6_000),
  errorSignatures: z
    .array(errorSignatureSchema)
    .max(32)
    .prefault([])
    .meta({ description: 'Answers that count as errors of the shop beside timeouts and 5xx; default none.' }),
});

const drandQuicknet = '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971';

const randomnessSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z
        .literal('none')
        .meta({ description: 'The draw is only as honest as its operator, and the room says so.' }),
    }),
    z.strictObject({
      kind: z.literal('figure').meta({ description: 'A public figure that the operator enters after the start.' }),
      named: plain('The public figure in words that leave no choice, announced before the lobby opens.', 500),
    }),
    z.strictObject({
      kind: z.literal('drand').meta({ description: 'A round of the drand beacon.' }),
      chain: text('Hash of the drand chain, 64 hex digits; default quicknet.', readChain).prefault(drandQuicknet),
      round: whole('Number of the drand round, due after startsAt.', 1, Number.MAX_SAFE_INTEGER),
      urls: z
        .array(text('Address of a drand relay.', readUrl))
        .min(1)
        .max(16)
        .prefault(['https://api.drand.sh', 'https://drand.cloudflare.com'])
        .meta({ description: 'Addresses of drand relays, asked in this order; default two public ones.' }),
    }),
  ])
  .meta({ description: 'Public randomness of the draw: none, a named figure, or a drand round; default none.' });

export const roomSchema = z.strictObject({
  id: text(
    'Name of the room: a-z, 0-9 and "-", 63 characters at most; never change it while a line stands.',
    readRoomId,
    {
      pattern: roomIdPattern,
    },
  ),
  match: matchSchema.prefault({}).meta({ description: 'The requests that belong to the room; default all.' }),
  shop: text("The shop's origin, http or https, without a path.", parseShop, { examples: ['http://127.0.0.1:3000'] }),
  opensAt: instant('When the lobby opens, RFC 3339 with zone; default no lobby.').optional(),
  startsAt: instant('When the sale starts, RFC 3339 with zone; default open at once.').optional(),
  endsAt: instant('When the room ends, RFC 3339 with zone; default never.').optional(),
  pacePerMinute: whole('Calls per minute; default 600.', 1, perMinuteMax).prefault(600),
  activeCap: whole('How many passes may be alive at once; default 500.', 1, perMinuteMax).prefault(500),
  claim: z
    .enum(['confirm', 'auto'])
    .prefault('confirm')
    .meta({ description: 'confirm (the fan presses a button) or auto (the page claims by itself); default confirm.' }),
  claimWindow: duration('How long a called device may take to claim; default 5m.').prefault('5m'),
  graceTime: duration('How long a device that went away still counts as present; default 90s.').prefault('90s'),
  pass: z
    .strictObject({
      idle: duration('A pass ends after this time without a request; default 10m.').prefault('10m'),
      max: duration('A pass ends after this time in any case; default 45m.').prefault('45m'),
    })
    .prefault({})
    .meta({ description: 'How long a device may stay in the shop.' }),
  ticketLifetime: duration('How long a ticket keeps its place; default 7d.').prefault('7d'),
  waitingStatus: z
    .literal([...waitingStatuses])
    .prefault(200)
    .meta({ description: 'HTTP status of the waiting page: 200, 202, 429 or 503; default 200.' }),
  allowedOrigins: z
    .array(text('An origin, as in "https://shop.example".', parseOrigin))
    .max(listMax)
    .prefault([])
    .meta({ description: "Origins that may open sockets beside the room's own; default none." }),
  shopTimeout: duration("How long the shop may take to its answer's first byte; default 30s.").prefault('30s'),
  autopilot: autopilotSchema.prefault({}).meta({ description: "Sets the pace from the shop's health; default off." }),
  draw: z
    .strictObject({ randomness: randomnessSchema.prefault({ kind: 'none' }) })
    .prefault({})
    .meta({ description: 'How the places of those who came before the start are drawn.' }),
});
