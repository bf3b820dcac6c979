// The command line: every command, every option, every slip.
import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../src/config/command-line.ts';
import { commandNames, helpText, helpTopics } from '../../../src/config/help-text.ts';

const parse = (line: string) => parseCommand(line === '' ? [] : line.split(' '));

const demo = { kind: 'demo', fresh: false, port: null, opsPort: null, fans: null, dataPath: null };

describe('commands', () => {
  test.each([
    ['serve', { kind: 'serve', configPath: 'junban.yaml', processes: 1 }],
    ['serve --config a.yaml --processes 3', { kind: 'serve', configPath: 'a.yaml', processes: 3 }],
    ['serve --processes auto', { kind: 'serve', configPath: 'junban.yaml', processes: 'auto' }],
    ['serve -c a.yaml', { kind: 'serve', configPath: 'a.yaml', processes: 1 }],
    ['check --config=a.yaml', { kind: 'check', configPath: 'a.yaml' }],
    ['schema', { kind: 'schema' }],
    ['demo', demo],
    [
      'demo --fresh --port 0 --ops-port 9 --fans 0 --data ./d',
      { kind: 'demo', fresh: true, port: 0, opsPort: 9, fans: 0, dataPath: './d' },
    ],
    ['demo --port 0 --ops-port 0', { ...demo, port: 0, opsPort: 0 }],
    ['keys init', { kind: 'keys', action: 'init', keys: { kind: 'config', configPath: 'junban.yaml' } }],
    ['keys rotate --config a', { kind: 'keys', action: 'rotate', keys: { kind: 'config', configPath: 'a' } }],
    ['keys --path ./k rotate', { kind: 'keys', action: 'rotate', keys: { kind: 'folder', path: './k' } }],
    ['verify-draw proof.json', { kind: 'verify-draw', file: 'proof.json', number: null }],
    ['verify-draw proof.json 17', { kind: 'verify-draw', file: 'proof.json', number: 17 }],
    ['verify-draw - 18204B', { kind: 'verify-draw', file: '-', number: 18_204 }],
    ['verify-draw -- -odd.json', { kind: 'verify-draw', file: '-odd.json', number: null }],
    ['', { kind: 'help', topic: null }],
    ['--help', { kind: 'help', topic: null }],
    ['help', { kind: 'help', topic: null }],
    ['help keys', { kind: 'help', topic: 'keys' }],
    ['help environment', { kind: 'help', topic: 'environment' }],
    ['serve --help', { kind: 'help', topic: 'serve' }],
    ['keys -h', { kind: 'help', topic: 'keys' }],
    ['version', { kind: 'version' }],
    ['--version', { kind: 'version' }],
    ['-v', { kind: 'version' }],
  ])('[CF14] junban %s', (line, command) => {
    expect(parse(line)).toEqual(command);
  });
});

describe('slips', () => {
  test.each([
    ['serv', 'unknown command "serv": did you mean "serve"?'],
    ['frobnicate', 'unknown command "frobnicate": see "junban help"'],
    ['--config a serve', '"--config" stands before a command: junban COMMAND [options], see "junban help"'],
    ['serve --confg a', 'unknown option "--confg": did you mean "--config"?'],
    ['serve --zebra', 'unknown option "--zebra": see "junban help serve"'],
    ['serve -x', 'unknown option "-x": see "junban help serve"'],
    ['serve --config', '--config needs a value: see "junban help serve"'],
    ['serve --config=', '--config needs a value: see "junban help serve"'],
    ['serve --config --processes 2', '--config needs a value: see "junban help serve"'],
    ['serve --config a --config b', '--config is given twice'],
    ['serve a.yaml', 'unexpected "a.yaml": see "junban help serve"'],
    ['serve --processes 0', '--processes must be a whole number from 1 to 64, not "0"'],
    ['serve --processes 1e1', '--processes must be a whole number from 1 to 64, not "1e1"'],
    ['check --processes 2', 'unknown option "--processes": see "junban help check"'],
    ['schema x', 'unexpected "x": see "junban help schema"'],
    ['demo --fresh=yes', '--fresh takes no value'],
    ['demo --no-fresh', 'unknown option "--no-fresh": did you mean "--fresh"?'],
    ['demo --port 65536', '--port must be a whole number from 0 to 65535, not "65536"'],
    ['demo --port -1', '--port needs a value: see "junban help demo"'],
    ['demo --port 80 --ops-port 80', '--port and --ops-port are both 80: they need two ports'],
    ['demo --fans many', '--fans must be a whole number from 0 to 15000, not "many"'],
    ['keys', 'keys needs init|rotate: junban keys init|rotate'],
    ['keys rotat', 'unknown action "rotat": did you mean "rotate"?'],
    ['keys burn', 'unknown action "burn": junban keys init|rotate'],
    ['keys init rotate', 'unexpected "rotate": see "junban help keys"'],
    ['keys init --path a --config b', '--config and --path are both given: keep one of them'],
    ['verify-draw', 'verify-draw needs FILE: junban verify-draw FILE [NUMBER]'],
    [
      'verify-draw a 1e3',
      'NUMBER must be the number of a ticket, as in 0 or 4711, or its code as in 18204B, not "1e3"',
    ],
    [
      'verify-draw a 18204C',
      'NUMBER must be the number of a ticket, as in 0 or 4711, or its code as in 18204B, not "18204C"',
    ],
    ['verify-draw a 1 2', 'unexpected "2": see "junban help verify-draw"'],
    ['help serv', 'no help on "serv": did you mean "serve"?'],
    ['help serve now', 'unexpected "now": junban help [COMMAND]'],
    ['serve --__proto__ x', 'unknown option "--__proto__": see "junban help serve"'],
  ])('[CF14] junban %s', (line, message) => {
    expect(parse(line)).toEqual({ kind: 'problem', message });
  });

  test('[CF14] a slip is one line, however odd the word', () => {
    const command = parseCommand(['serve', `--\n${'x'.repeat(500)}`]);
    expect(command).toMatchObject({ kind: 'problem', message: expect.not.stringContaining('\n') });
  });
});

describe('help', () => {
  test('[CF14] fits a screen and 120 columns, and names every command', () => {
    for (const topic of [null, ...helpTopics]) {
      const lines = helpText(topic).split('\n');
      expect(lines.length).toBeLessThanOrEqual(25);
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(120);
    }
    for (const name of commandNames) expect(helpText(null)).toContain(`  ${name} `);
  });
});
