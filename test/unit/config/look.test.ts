// The look of a room in the configuration: what is taken, and what is refused with its path.
import { expect, test } from 'vitest';
import { loadSettings } from '../../../src/config/load.ts';
import { leastRoom } from './support.ts';

const load = (look: unknown) =>
  loadSettings({ path: '/etc/junban/junban.yaml', text: JSON.stringify({ rooms: [{ ...leastRoom, look }] }), env: {} });

test('[CF60] a look is taken as it is, with the logo beside the file', () => {
  const look = {
    name: { en: 'Festival', ja: '夏フェス' },
    logo: './logo.svg',
    accent: '#FF0066',
    language: 'ja',
    links: [{ url: '/help', text: 'Help' }],
    texts: { en: { ended: { headline: 'See you next year' } } },
  };
  const loaded = load(look);
  const { logo, ...rest } = look;
  expect(loaded.kind === 'ok' && loaded.settings.rooms[0]?.look).toEqual({
    ...rest,
    accent: '#ff0066',
    logoPath: '/etc/junban/logo.svg',
  });
});

test.each([
  [{ accent: 'red' }, 'look.accent'],
  [{ accent: '#12345' }, 'look.accent'],
  [{ logo: './logo.gif' }, 'look.logo'],
  [{ language: 'tlh' }, 'look.language'],
  [{ links: [{ url: 'javascript:alert(1)', text: 'x' }] }, 'look.links[0].url'],
  [{ links: [{ url: '//evil.example', text: 'x' }] }, 'look.links[0].url'],
  [{ links: [{ url: '/help' }] }, 'look.links[0].text'],
  [{ texts: { en: { waitting: { headline: 'x' } } } }, 'look.texts.en'],
  [{ texts: { tlh: {} } }, 'look.texts'],
  [{ texts: { en: { waiting: { title: 'x' } } } }, 'look.texts.en.waiting'],
  [{ colour: '#123456' }, 'look'],
])('[CF60] %j is refused at %s', (look, path) => {
  const loaded = load(look);
  expect(loaded.kind === 'problems' && loaded.problems.map(problem => problem.path)).toEqual([
    expect.stringContaining(`rooms[0].${path}`),
  ]);
});
