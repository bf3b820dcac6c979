// While the shop is down, looks from time to time whether it answers again, and only then loads the page anew.
import { delayMs, politeDelayMs } from './backoff.ts';

const backoff = { firstMs: 4_000, mostMs: 60_000 };

/** `triesBefore` are those of earlier loads of this page, so that the wait goes on growing. Returns its stop function. */
export const reloadWhenShopAnswers = (retryAfterMs: number, triesBefore: number): (() => void) => {
  let tries = triesBefore;
  let timer = 0;
  const wait = (): void => {
    const askedMs = politeDelayMs(retryAfterMs, Math.random());
    timer = setTimeout(probe, Math.max(askedMs, delayMs(backoff, tries, Math.random())));
    tries += 1;
  };
  const probe = async (): Promise<void> => {
    try {
      const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-store', redirect: 'manual' });
      // A redirect is an answer too; a browser shows it as code 0.
      if (answer.type === 'opaqueredirect' || (answer.status < 500 && answer.status !== 429)) {
        location.reload();
        return;
      }
    } catch {
      // No network: as good as no answer.
    }
    wait();
  };
  wait();
  return () => clearTimeout(timer);
};
