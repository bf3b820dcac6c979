// One gateway without its listeners for bench-redis.ts: the real wiring of store, view, caller and presence, with present
// devices put straight into the view. Called devices claim at once and end their pass, so that the line goes on.
import { openCaller } from '../src/open-caller.ts';
import { openStore } from '../src/open-store.ts';
import { Stops } from '../src/stops.ts';
import { plainDraw } from '../test/support/draw-desk.ts';
import { testRules } from '../test/support/room-turns.ts';

/** `numbers`: how many there are in all; this part holds every `parts`-th from `index` on. */
export type PartOrder = {
  readonly redisPort: number;
  readonly numbers: number;
  readonly index: number;
  readonly parts: number;
  readonly pacePerMinute: number;
};

const log = { level: 'warn', info: () => undefined, warn: () => undefined, error: console.error };

export async function runPart({ redisPort, numbers, index, parts, pacePerMinute }: PartOrder): Promise<void> {
  const server = { host: '127.0.0.1', port: redisPort };
  const { store, exchange, clock } = await openStore(
    {
      store: {
        ...{ kind: 'redis', servers: { kind: 'single', server }, username: null, password: null },
        ...{ database: 0, tls: false, caPath: null, keyPrefix: 'junban' },
      },
    },
    log,
  );
  if (index === 0) await store.takeNumbers('sale', numbers);
  const onFailure = (error: unknown) => console.error(error);
  const { view, ask } = await openCaller(
    {
      rules: { ...testRules, pacePerMinute, activeCap: 1_000, claimWindowMs: 300_000, graceTimeMs: 90_000 },
      ...{ store, exchange, clock, draw: plainDraw, holder: `part-${index}`, onTrouble: () => undefined, onFailure },
    },
    new Stops(onFailure),
  );
  for (let number = index; number < numbers; number += parts) view.attach(number);
  view.onChange(changes => {
    for (const change of changes) {
      if (change.kind !== 'called') continue;
      for (const place of change.places) if (place % parts === index) void enter(place);
    }
  });
  const enter = async (place: number) => {
    try {
      const answer = await ask({ kind: 'claim', place });
      if (answer.kind === 'admitted') await ask({ kind: 'end-pass', passId: answer.passId, cause: 'shop' });
    } catch (error) {
      onFailure(error);
    }
  };
}
