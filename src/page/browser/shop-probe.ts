// While the shop is down, looks from time to time whether it answers again, and only then loads the page anew.
import { delayMs, politeDelayMs } from './backoff.ts';

const backoff = { firstMs: 4_000, mostMs: 60_000 };

/** A 429 of the shop says that it has too much to do; one of ours, that there is no pass any more: a load joins anew. */
const isAnswer = ({ status, headers }: Response): boolean =>
  status < 500 && (status !== 429 || headers.get('content-type')?.includes('problem+json') === true);

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
      if (answer.type === 'opaqueredirect' || isAnswer(answer)) {
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
