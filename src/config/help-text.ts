// What `junban help` says, for all commands together and for each one. Kept short enough for one screen.
import { isSecret, variables } from './environment-variables.ts';

export const commandNames = [
  'serve',
  'check',
  'schema',
  'demo',
  'keys',
  'report',
  'verify-draw',
  'help',
  'version',
] as const;
export type CommandName = (typeof commandNames)[number];

export const helpTopics = [...commandNames, 'environment'] as const;
export type HelpTopic = (typeof helpTopics)[number];

export function helpText(topic: HelpTopic | null): string {
  if (topic === null) return overview;
  return topic === 'environment' ? environmentHelp() : help[topic];
}

const overview = `Junban, a virtual waiting room in front of a sales site.

Usage: junban COMMAND [options]

  serve        run the gateway
  check        check a configuration and print what it comes to
  schema       print the configuration's JSON Schema
  demo         gateway, demo shop and simulated fans on this machine
  keys         make or rotate the signing keys
  report       write the report after a sale, HTML and CSV
  verify-draw  check the proof of a draw
  help         explain a command, or "environment"
  version      print the version
`;

const help: Readonly<Record<CommandName, string>> = {
  serve: `Usage: junban serve [--config FILE] [--processes N|auto]

Runs the gateway until SIGTERM or SIGINT.

  -c, --config FILE   the configuration, YAML or JSON; default junban.yaml
  --processes N       gateway processes on the one port, 1 to 64, or auto: one a core; default 1.
                      They share a Redis; their ops listeners take the configured port and the next ones
`,
  check: `Usage: junban check [--config FILE]

Checks the configuration and prints what it comes to with the environment over it, secrets as "***".
Every problem is printed with its path, and then the exit code is not 0.

  -c, --config FILE   the configuration, YAML or JSON; default junban.yaml
`,
  schema: `Usage: junban schema

Prints the JSON Schema of the configuration, for editors.
`,
  demo: `Usage: junban demo [--fresh] [--port N] [--ops-port N] [--fans N] [--data FOLDER]

Runs the gateway, a small shop behind it and simulated fans on this machine.
Started again it goes on with the same line.

  --fresh         forget the line of the last time
  --port N        the fans' port; default 8080
  --ops-port N    the ops port; default 9090
  --fans N        simulated fans, 0 to 15000
  --data FOLDER   where the line is kept
`,
  report: `Usage: junban report ROOM [--config FILE] [--out FOLDER]

Writes ROOM.html and ROOM.csv: arrivals, waits, admissions against the pace, no-shows, the shop's health, estimate
quality, incidents, messages. The page needs no server. While a gateway has the embedded store it is asked for them.

  -c, --config FILE   the configuration; default junban.yaml
  --out FOLDER        where the files go; default this folder
`,
  keys: `Usage: junban keys init|rotate [--config FILE | --path FOLDER]

init makes the signing keys once, rotate adds new ones with overlap; running gateways need no restart.

  -c, --config FILE   the configuration that says where the keys live; default junban.yaml
  --path FOLDER       a folder of keys
`,
  'verify-draw': `Usage: junban verify-draw FILE [NUMBER]

Checks the room facts in FILE, as fetched from /_junban/v1/rooms/ROOM ("-" reads
them from the standard input); with NUMBER says the place that this arrival number
drew. A ticket's code, as its page shows it, will do: 18204B.
Exit code: 0 the draw was honest, 1 it was not, 2 the file cannot be read.
`,
  help: `Usage: junban help [COMMAND | environment]
`,
  version: `Usage: junban version
`,
};

function environmentHelp(): string {
  const names = variables.map(variable => `${variable.name}${isSecret(variable) ? '[_FILE]' : ''}`);
  const width = Math.max(...names.map(name => name.length));
  const lines = variables.map(({ meaning }, index) => `  ${(names[index] ?? '').padEnd(width)}  ${meaning}`);
  return `Variables that go before the configuration file. With _FILE the value is read from the file named.

${lines.join('\n')}

Traces go out where OpenTelemetry's own variables ask for them, as OTEL_EXPORTER_OTLP_ENDPOINT does.
`;
}
