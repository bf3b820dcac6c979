// The shape of the configuration file: every key with its bounds, default and description. Strict everywhere.
// What needs two keys at once is in cross-checks.ts; the parsed result is settings.ts.
import * as z from 'zod';
import { parseCidr, parseListen, parseServer } from './address.ts';
import { type Parsed, parsed, refused } from './parsed.ts';
import { parseOwnPrefix } from './path-prefix.ts';
import { parseRedisUrl } from './redis-url.ts';
import { roomSchema } from './schema-room.ts';
import { flag, plain, text, whole } from './schema-values.ts';
import { logLevels, opsRoles, webhookEvents } from './settings.ts';

const readKeyPrefix = (prefix: string): Parsed<string> =>
  /^[A-Za-z0-9._:-]{1,64}$/.test(prefix)
    ? parsed(prefix)
    : refused(
        'a key prefix holds letters, digits and "._:-", 64 characters at most ("{" and "}" would move keys in a Cluster)',
      );

const server = text('Host and port of a server.', parseServer, { examples: ['redis-1:6379'] });
const path = (description: string) => plain(description, 4_096);
const listen = (description: string) => text(description, parseListen, { examples: ['127.0.0.1:8080', ':8080'] });

const role = (description: string) => z.enum(opsRoles).meta({ description });

const readOperatorName = (name: string): Parsed<string> =>
  /^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)
    ? parsed(name)
    : refused('a name has a-z, 0-9 and "._-", 63 characters at most, not "._-" first');

const readHeaderName = (name: string): Parsed<string> =>
  /^[A-Za-z0-9-]{1,64}$/.test(name) ? parsed(name) : refused('a header name has letters, digits and "-"');

const readWebhookUrl = (url: string): Parsed<string> =>
  /^https?:\/\/[^\s\\@#]+$/i.test(url) && URL.canParse(url)
    ? parsed(url)
    : refused(
        'a webhook needs an http or https address without user and password, as in "https://hooks.example/junban"',
      );

const opsSchema = z.strictObject({
  listen: listen('Where the ops listener listens, host:port; default 127.0.0.1:9090.').prefault('127.0.0.1:9090'),
  tokenFile: path("File with the operators' token; JUNBAN_OPS_TOKEN goes before it; default none.").optional(),
  tokens: z
    .array(
      z.strictObject({
        name: text('Name of the operator, as the audit trail shows it.', readOperatorName),
        role: role('What it may do: viewer, operator or admin.'),
        tokenFile: path('File with the token.'),
      }),
    )
    .max(64)
    .prefault([])
    .meta({ description: 'Further tokens, each with a name and a role; default none.' }),
  proxyLogin: z
    .strictObject({
      header: text('Header with the name of the operator, as in "X-Forwarded-User".', readHeaderName),
      from: z
        .array(text('An address range, as in "10.0.0.0/8".', parseCidr))
        .min(1)
        .max(64)
        .meta({ description: 'Address ranges of the proxy; from everywhere else the header is not believed.' }),
      role: role('What everybody may do whom the proxy names.'),
    })
    .meta({ description: 'A proxy in front that logs operators in, by mTLS or OIDC; default none.' })
    .optional(),
});

const embeddedSchema = z.strictObject({
  kind: z.literal('embedded').meta({ description: 'One gateway, state on the local disk.' }),
  path: path('Folder of the store; default ./junban-data beside this file.').prefault('./junban-data'),
});

const redisSchema = z.strictObject({
  kind: z.literal('redis').meta({ description: 'Any number of gateways on one Redis or Valkey.' }),
  url: text(
    'Address of a single Redis, redis:// or rediss://; give one of url, sentinel, cluster.',
    parseRedisUrl,
  ).optional(),
  sentinel: z
    .strictObject({
      name: plain('Name of the primary at the sentinels.', 200),
      hosts: z.array(server).min(1).max(64).meta({ description: 'The sentinels, host:port each.' }),
      username: plain('User name at the sentinels; default none.', 200).optional(),
      passwordFile: path('File with the password at the sentinels; default none.').optional(),
    })
    .meta({ description: 'A Redis found through its sentinels.' })
    .optional(),
  cluster: z
    .strictObject({
      hosts: z.array(server).min(1).max(64).meta({ description: 'Some nodes to start from, host:port each.' }),
    })
    .meta({ description: 'A Redis Cluster.' })
    .optional(),
  username: plain(
    'User name at Redis with sentinel or cluster; with url it stands there; default none.',
    200,
  ).optional(),
  passwordFile: path('File with the password at Redis; JUNBAN_STORE_PASSWORD goes before it; default none.').optional(),
  tls: flag('Connect with TLS with sentinel or cluster; with url it is rediss://; default false.').optional(),
  caFile: path(
    'File with the certificates (PEM) that vouch for Redis where TLS is on; default those of the system.',
  ).optional(),
  keyPrefix: text('Put before every key of ours; default junban.', readKeyPrefix).prefault('junban'),
});

export const fileSchema = z.strictObject({
  listen: listen('Where fans and proxies connect, host:port; default :8080, every interface.').prefault(':8080'),
  prefix: text(
    'Path prefix of everything of ours; starts with "/", no "/" at its end; default /_junban.',
    parseOwnPrefix,
  ).prefault('/_junban'),
  ops: opsSchema.prefault({}).meta({ description: 'The ops listener: metrics, probes, operators.' }),
  store: z
    .discriminatedUnion('kind', [embeddedSchema, redisSchema])
    .prefault({ kind: 'embedded' })
    .meta({ description: 'Where the lines are kept: embedded (one gateway) or redis; default embedded.' }),
  keys: z
    .strictObject({
      path: path('Folder of the signing keys; default: with the store, in its folder or in Redis.').optional(),
    })
    .prefault({})
    .meta({ description: 'Signing keys of tickets and passes.' }),
  trustedProxies: z
    .array(text('An address range, as in "10.0.0.0/8".', parseCidr))
    .max(1_024)
    .prefault([])
    .meta({ description: 'Address ranges whose X-Forwarded-For is believed; default none.' }),
  log: z
    .strictObject({
      level: z
        .enum(logLevels)
        .prefault('info')
        .meta({ description: `${logLevels.join(', ')}; default info.` }),
    })
    .prefault({})
    .meta({ description: 'Logging to standard output, one JSON object a line.' }),
  webhooks: z
    .array(
      z.strictObject({
        url: text('Where messages are posted, https or http.', readWebhookUrl, {
          examples: ['https://hooks.example/junban'],
        }),
        secretFile: path(
          'File with the secret that signs them: "whsec_" and 24 to 64 bytes as base64, as Standard Webhooks has it.',
        ),
        events: z
          .array(z.enum(webhookEvents))
          .min(1)
          .prefault([...webhookEvents])
          .meta({ description: `What is told: ${webhookEvents.join(', ')}; default all.` }),
        allowPrivate: flag('May go to addresses of this machine and its network; default false.').prefault(false),
      }),
    )
    .max(16)
    .prefault([])
    .meta({ description: 'Who is told what happens to the rooms, by signed messages; default nobody.' }),
  longLine: whole('From so many devices on a line counts as long; default 10000.', 1, 100_000_000).prefault(10_000),
  rooms: z.array(roomSchema).min(1).max(1_000).meta({ description: 'The rooms; each needs an id and a shop.' }),
});

export type FileShape = z.output<typeof fileSchema>;
