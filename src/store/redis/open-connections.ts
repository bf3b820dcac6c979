// What a store on Redis works over: the link for commands, the subscriptions beside it, and the store's clock. Opened
// together, and only on a server that is fit and allows what is needed.

import { randomBytes } from 'node:crypto';
import { checkPermissions } from './check-permissions.ts';
import { wordRefusal } from './check-server.ts';
import { beatChannel, clockKey } from './keys.ts';
import { listenBeside } from './open-client.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisSettings } from './redis-settings.ts';
import { integerOf } from './replies.ts';
import { scripts } from './scripts.ts';
import { StoreClock } from './store-clock.ts';
import { Subscriptions } from './subscriptions.ts';

/** Open, and used by nobody else. */
export type OpenConnections = {
  readonly link: Pick<
    RedisLink,
    'run' | 'publish' | 'runId' | 'trouble' | 'warnings' | 'onUsable' | 'client' | 'close'
  >;
  /** Tells this process from an earlier one of the same name. */
  readonly instance: string;
  readonly clock: Pick<StoreClock, 'nowMs' | 'stop'>;
  readonly subscriptions: Pick<Subscriptions, 'add' | 'trouble' | 'close'>;
};

/** Rejects with StoreError, saying the remedy, when Redis is not reached, refuses us, or is not fit for a line. */
export async function openConnections(
  settings: RedisSettings,
  onFailure: (error: unknown) => void,
): Promise<OpenConnections> {
  const instance = randomBytes(9).toString('base64url');
  const link = await RedisLink.open(settings, instance);
  const subscriptions = new Subscriptions({
    open: listenBeside(link.client, settings),
    publish: (channel, message) => link.publish(channel, message),
    beatChannel: beatChannel(settings.keyPrefix, instance),
    word: message => wordRefusal(message, settings),
    onFailure,
  });
  try {
    await checkPermissions(link, settings, instance);
    await subscriptions.started();
    const clock = await StoreClock.start(async takenForMs =>
      integerOf(await link.run(scripts.readTime, [clockKey(settings.keyPrefix)], [takenForMs ?? 0, link.runId])),
    );
    link.onUsable(() => clock.look());
    return { link, instance, clock, subscriptions };
  } catch (error) {
    subscriptions.close();
    link.close();
    throw error;
  }
}
