// The page's state on its screen: drawn anew on every event and at every full second.
import { describe } from '../describe.ts';
import { createFormats, type Formats } from '../formats.ts';
import { startAlertSwitch } from './alert-switch.ts';
import { keepsCookies } from './keeps-cookies.ts';
import type { Memory } from './memory.ts';
import type { PageData } from './page-data.ts';
import { type Model, type PageEvent, reduce, sceneAt, startModel } from './state.ts';
import { createView } from './view.ts';

export interface ScreenHandle {
  readonly formats: Formats;
  readonly send: (event: PageEvent) => void;
  readonly model: () => Model;
}

/** Draws on every event and at every full second of the server's clock. Returns how to send it events. */
export const startScreen = (data: PageData, memory: Memory, isBearerOnly: () => boolean): ScreenHandle => {
  const formats = createFormats(data.wording);
  const draw = createView(formats);
  const alertAt = startAlertSwitch();
  let model = startModel(data.visit, memory.ahead(data.status?.number ?? null), Date.now());
  let timer = 0;
  const redraw = (): void => {
    clearTimeout(timer);
    const scene = {
      ...sceneAt(model, Date.now()),
      cookiesBlocked: isBearerOnly() && !keepsCookies(),
      draws: data.visit.draws === true || memory.commitment(model.status?.number ?? null) !== null,
    };
    const view = describe(scene, formats);
    // A live connection to a gateway that cannot see the line gives no live numbers.
    const isChecking = model.connection === 'live' && model.status?.checking === true;
    draw(view, isChecking ? 'checking' : model.connection, model.leaving, scene.nowMs);
    alertAt(view);
    timer = setTimeout(redraw, 1_000 - (scene.nowMs % 1_000));
  };
  const send = (event: PageEvent): void => {
    model = reduce(model, event);
    const { aheadAtFirst, aheadAtLast, status } = model;
    if (aheadAtFirst !== null)
      memory.rememberAhead(status?.number ?? null, { atFirst: aheadAtFirst, last: aheadAtLast });
    redraw();
  };
  document.addEventListener('visibilitychange', redraw);
  return { formats, send, model: () => model };
};
