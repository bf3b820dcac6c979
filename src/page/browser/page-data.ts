// Reads the data blocks that the gateway put into the document. They are ours, so their shape is taken as given.
import type { Settings } from '../markup.ts';
import { decodeStatus, type Status } from '../status.ts';
import type { Notice, Visit } from '../visit.ts';
import type { Wording } from '../wording.ts';

export interface PageData {
  readonly settings: Settings;
  readonly wording: Wording;
  readonly visit: Visit & { readonly notice?: Notice };
  readonly status: Status | null;
}

const block = (id: string) => JSON.parse(document.getElementById(id)?.textContent ?? 'null');

export const readPageData = (): PageData => ({
  settings: block('settings'),
  wording: block('wording'),
  visit: block('visit'),
  status: decodeStatus(block('status')),
});
