// The check of the draw on the screen: one tap fetches the facts of the room, and each step is shown as it is found.
import type { Formats } from '../formats.ts';
import type { Status } from '../status.ts';
import type { Api } from './api.ts';
import { checkDraw } from './draw-check.ts';
import { type Line, linesOf } from './proof-lines.ts';

/** `read` gives the status on the screen and the commitment that this device was shown in the lobby. */
export const startProofCheck = (
  api: Api,
  roomId: string,
  formats: Formats,
  read: () => { readonly status: Status | null; readonly commitmentSeen: string | null },
): void => {
  const list = document.getElementById('steps');
  const proof = document.getElementById('proof');
  const show = (lines: readonly Line[]): void => {
    list?.replaceChildren(
      ...lines.map(({ mark, text }) => {
        const item = document.createElement('li');
        item.dataset.mark = mark;
        item.textContent = `${mark} ${text}`.trim();
        return item;
      }),
    );
  };
  document.getElementById('data')?.setAttribute('href', api.address(`rooms/${encodeURIComponent(roomId)}`));
  document.getElementById('check')?.addEventListener('click', () => {
    const words = formats.wording.proof;
    if (proof !== null) proof.hidden = false;
    show([{ mark: '', text: words.working }]);
    void api.call('GET', `rooms/${encodeURIComponent(roomId)}`).then(({ code, body }) => {
      const { status, commitmentSeen } = read();
      if (code !== 200 || status === null || status.number === null || status.place === null) {
        show([{ mark: '', text: words.failed }]);
        return;
      }
      show(linesOf(checkDraw(body, status.number, status.place, commitmentSeen), formats));
    });
  });
};
