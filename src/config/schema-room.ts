// The shape of one room in the configuration file. Each description is what an editor shows: one sentence, unit, default.
import { domainToASCII } from 'node:url';
import * as z from 'zod';
import { drandChains, drandQuicknet } from '../draw/drand-chain.ts';
import { isHostName, parseOrigin, parseShop } from './address.ts';
import { durationPattern, parseDuration } from './duration.ts';
import { type Parsed, parsed, refused } from './parsed.ts';
import { parsePathPrefix } from './path-prefix.ts';
import { lookSchema } from './schema-look.ts';
import { duration, instant, plain, text, whole } from './schema-values.ts';
import { defaultRelays, waitingStatuses } from './settings.ts';

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

/** A chain whose key anybody can look up, by its name or its hash. Another one would prove nothing. */
function readChain(given: string): Parsed<string> {
  const chain = drandChains.find(({ hash, name }) => hash === given || name === given);
  if (chain !== undefined) return parsed(chain.hash);
  const known = drandChains.map(({ hash, name }) => `${name} (${hash})`).join(', ');
  return refused(`${JSON.stringify(given.slice(0, 80))} is not a known drand chain: ${known}`);
}

function readUrl(url: string): Parsed<string> {
  const good = /^https?:\/\/[^\s\\@?#]+$/i.test(url) && URL.canParse(url);
  return good
    ? parsed(url)
    : refused(`${JSON.stringify(url.slice(0, 80))} must be an http or https address, as in "https://api.drand.sh"`);
}

const pathPrefix = (description: string) => text(description, parsePathPrefix, { pattern: '^/' });

export const matchSchema = z.strictObject({
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
  checkout: z.array(pathPrefix('A path prefix of the checkout.')).max(listMax).prefault([]).meta({
    description: 'Path prefixes of the checkout: who is there may stay longer, and is served first; default none.',
  }),
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
  stepPercent: whole(
    'The autopilot lets the number of devices inside grow by so much in five seconds (half as much again after 12 s at ease, three times as much at first and after a failure); default 10.',
    1,
    100,
  ).prefault(10),
  latencyTarget: text(
    'Nine of ten answers of the shop should begin within this time; default learned from the shop at ease.',
    value => parseDuration(value, 10),
    { pattern: durationPattern, examples: ['300ms', '1s'] },
  ).optional(),
  signalSources: z
    .array(plain('The name of a source.', 80))
    .max(32)
    .prefault([])
    .meta({ description: "Who may post signals of the shop to the operators' API, by name; default nobody." }),
  errorSignatures: z
    .array(errorSignatureSchema)
    .max(32)
    .prefault([])
    .meta({ description: 'Answers that count as errors of the shop beside timeouts and 5xx; default none.' }),
});

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
      kind: z.literal('drand').meta({
        description: 'The first round of the drand beacon that is due a second or more after the start.',
      }),
      chain: text('The drand chain by name or hash: quicknet or default; default quicknet.', readChain).prefault(
        drandQuicknet.hash,
      ),
      urls: z
        .array(text('Address of a drand relay.', readUrl))
        .min(1)
        .max(16)
        .prefault([...defaultRelays])
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
  look: lookSchema.prefault({}).meta({ description: 'How the waiting page of the room looks; default plain.' }),
  pacePerMinute: whole('Calls per minute; default 600.', 1, perMinuteMax).prefault(600),
  activeCap: whole('How many passes may be alive at once; default 500.', 1, perMinuteMax).prefault(500),
  claim: z
    .enum(['confirm', 'auto'])
    .prefault('confirm')
    .meta({ description: 'confirm (the fan presses a button) or auto (the page claims by itself); default confirm.' }),
  claimWindow: duration('How long a called device may take to claim; default 5m.').prefault('5m'),
  claimExtensions: whole(
    'How often a called device may ask for more time (a minute each, or the claim window if shorter); 0 for never; default 10.',
    0,
    100,
  ).prefault(10),
  graceTime: duration('How long a device that went away still counts as present; default 90s.').prefault('90s'),
  pass: z
    .strictObject({
      idle: duration('A pass ends after this time without a request; default 10m.').prefault('10m'),
      max: duration('A pass ends after this time in any case; default 45m.').prefault('45m'),
      checkoutExtra: duration('So much longer may a pass last that was used at the checkout; default 15m.').prefault(
        '15m',
      ),
      comeback: duration(
        'So long after the end of its time may an active device come back ahead of the line, once; default 10m.',
      ).prefault('10m'),
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
  shopLimit: z
    .strictObject({
      mode: z
        .enum(['auto', 'on', 'off'])
        .prefault('auto')
        .meta({ description: 'auto (while the autopilot is on), on or off; default auto.' }),
      wait: duration('How long a request may wait for the shop to have room; default 5s.').prefault('5s'),
    })
    .prefault({})
    .meta({ description: 'Holds requests back while the shop has as many as it can work on; checkout goes first.' }),
  shopTimeout: duration("How long the shop may take to its answer's first byte; default 30s.").prefault('30s'),
  autopilot: autopilotSchema.prefault({}).meta({ description: "Sets the pace from the shop's health; default off." }),
  draw: z
    .strictObject({
      randomness: randomnessSchema.prefault({ kind: 'none' }),
      wait: duration(
        'How long the start waits for the announced randomness before it falls back to none; default 10s, for a figure 10m.',
      ).optional(),
    })
    .prefault({})
    .meta({ description: 'How the places of those who came before the start are drawn.' }),
});
