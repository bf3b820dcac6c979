// What the embedded store asks of its disk thread, and what it is answered.

import type { LogRecord } from '../operators-store.ts';
import type { Durability } from '../queue-store.ts';

/** A room as it stands on disk: its snapshot if that is newer than what was asked for, and the changes after it. */
export type DiskRoom = {
  readonly version: number;
  readonly snapshot: { readonly version: number; readonly bytes: Uint8Array } | null;
  readonly changes: readonly string[];
};

/** A room and the first number that it never handed out. */
export type UnusedFrom = readonly [room: string, next: number];

/** Documents and logs of operators; see operators-store.ts. */
export type OperatorsRequest =
  | { readonly kind: 'read-document'; readonly name: string }
  | {
      readonly kind: 'replace-document';
      readonly name: string;
      readonly previous: string | null;
      readonly next: string;
    }
  | { readonly kind: 'append-record'; readonly log: string; readonly body: string; readonly keepMax: number }
  | { readonly kind: 'read-records'; readonly log: string; readonly before: number | null; readonly limit: number };

export type DiskRequest =
  | OperatorsRequest
  /** Reserves `count` more numbers; answered by the end of all that are reserved. */
  | { readonly kind: 'reserve'; readonly room: string; readonly count: number }
  /** Notes that the caller is there; `isNew` gives it an epoch of its own. */
  | { readonly kind: 'lead'; readonly room: string; readonly atMs: number; readonly isNew: boolean }
  | { readonly kind: 'load'; readonly room: string; readonly after: number }
  | {
      readonly kind: 'commit';
      readonly room: string;
      readonly version: number;
      readonly changes: readonly string[];
      readonly durability: Durability;
    }
  | { readonly kind: 'compact'; readonly room: string; readonly version: number; readonly snapshot: Uint8Array }
  | { readonly kind: 'read-key-ring' }
  | { readonly kind: 'key-ring'; readonly document: string }
  | { readonly kind: 'replace-key-ring'; readonly previous: string; readonly document: string }
  /** Proves that the disk still takes writes. */
  | { readonly kind: 'probe'; readonly atMs: number }
  /** Ends the thread after everything before it is on disk, and gives back the numbers that were not used. */
  | { readonly kind: 'close'; readonly unused: readonly UnusedFrom[] };

export type DiskAnswers = {
  readonly reserve: number;
  readonly lead: { readonly epoch: number; readonly lastHeardAtMs: number | null };
  readonly load: DiskRoom;
  readonly commit: boolean;
  readonly compact: null;
  readonly 'read-key-ring': string | null;
  readonly 'key-ring': string | null;
  readonly 'replace-key-ring': boolean;
  readonly 'read-document': string | null;
  readonly 'replace-document': boolean;
  readonly 'append-record': null;
  readonly 'read-records': readonly LogRecord[];
  readonly probe: null;
  readonly close: null;
};

export type DiskAnswer = DiskAnswers[keyof DiskAnswers];

export type DiskMessage = { readonly id: number; readonly request: DiskRequest };

export type DiskReply =
  | { readonly id: number; readonly kind: 'done'; readonly answer: DiskAnswer }
  | {
      readonly id: number;
      readonly kind: 'failed';
      readonly code: 'unavailable' | 'unreadable';
      readonly message: string;
    };

/** The first message of the thread: it has the folder, or says why it cannot. */
export type DiskOpening =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly code: 'in-use' | 'unreadable' | 'unavailable'; readonly message: string };
