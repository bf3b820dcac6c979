// The check of the draw on the screen: one tap fetches the facts of the room and the check, and shows what it finds.
import type { Formats } from '../formats.ts';
import type { Status } from '../status.ts';
import type { Api } from './api.ts';
import type { CheckOrder } from './draw-check-worker.ts';
import type { Line } from './proof-lines.ts';

/** `read` gives the status on the screen and the commitment that this device was shown in the lobby. */
export const startProofCheck = (
  api: Api,
  roomId: string,
  { wording }: Formats,
  read: () => { readonly status: Status | null; readonly commitmentSeen: string | null },
): void => {
  const list = document.getElementById('steps');
  const proof = document.getElementById('proof');
  /** One at a time: a second tap starts the check anew. */
  let worker: Worker | null = null;
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
  const check = async (): Promise<void> => {
    const { code, body } = await api.call('GET', `rooms/${encodeURIComponent(roomId)}`);
    const { status, commitmentSeen } = read();
    const { number = null, place = null } = status ?? {};
    if (code !== 200 || body.room !== roomId || number === null || place === null) throw new Error();
    const order: CheckOrder = {
      facts: body,
      claim: { room: roomId, number, place, commitmentSeen },
      language: wording.tag,
    };
    worker?.terminate();
    worker = new Worker(api.address('draw-check.js'));
    worker.onerror = fail;
    worker.onmessage = ({ data }) => {
      show(data);
      worker?.terminate();
    };
    worker.postMessage(order);
  };
  const fail = (): void => {
    worker?.terminate();
    show([{ mark: '', text: wording.proof.failed }]);
  };
  document.getElementById('data')?.setAttribute('href', api.address(`rooms/${encodeURIComponent(roomId)}`));
  document.getElementById('check')?.addEventListener('click', () => {
    if (proof !== null) proof.hidden = false;
    show([{ mark: '', text: wording.proof.working }]);
    check().catch(fail);
  });
};
