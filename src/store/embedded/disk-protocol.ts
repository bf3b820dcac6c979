// What the embedded store asks of its disk thread, and what it is answered.

export type DiskRequest =
  | { readonly kind: 'reserve'; readonly room: string; readonly upTo: number }
  | { readonly kind: 'attend'; readonly room: string; readonly atMs: number }
  | { readonly kind: 'load'; readonly room: string; readonly after: number }
  | { readonly kind: 'commit'; readonly room: string; readonly version: number; readonly changes: readonly string[] }
  | { readonly kind: 'compact'; readonly room: string; readonly version: number; readonly snapshot: Uint8Array }
  | { readonly kind: 'key-ring'; readonly document: string }
  | { readonly kind: 'replace-key-ring'; readonly previous: string; readonly document: string }
  | { readonly kind: 'read-key-ring' }
  /** Ends the thread after everything before it is on disk; `reserved` gives back the numbers that were not used. */
  | { readonly kind: 'close'; readonly reserved: readonly (readonly [room: string, next: number])[] };

/** A room as it stands on disk. */
export type DiskRoom = {
  readonly reserved: number;
  readonly attendedAtMs: number | null;
  readonly version: number;
  readonly snapshot: { readonly version: number; readonly bytes: Uint8Array } | null;
  readonly changes: readonly string[];
};

export type DiskResult = DiskRoom | string | boolean | null;

export type DiskReply =
  | { readonly id: number; readonly kind: 'done'; readonly result: DiskResult }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };

export type DiskMessage = { readonly id: number; readonly request: DiskRequest };

/** The first message of the thread: it has the folder, or says why it cannot. */
export type DiskOpening =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly code: 'in-use' | 'unreadable' | 'unavailable'; readonly message: string };
