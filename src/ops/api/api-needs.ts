// What the API's operations work with; put together by open-operations.ts.
import type { RoomAnswer, RoomRequest } from '../../queue/answer-request.ts';
import type { Replaced } from '../../queue/replaced.ts';
import type { OperatorSettings } from '../../queue/room-change.ts';
import type { SettingsProblem } from '../../queue/settings-problem.ts';
import type { AuditLog } from '../audit-log.ts';
import type { AuthenticationNeeds } from '../authenticate.ts';
import type { HistoryLog } from '../history-log.ts';
import type { SharedLogLevel } from '../log-level.ts';
import type { Report } from '../report/read-report.ts';
import type { RoomFeed } from '../room-feed.ts';
import type { RoomReport } from '../room-report.ts';
import type { TicketReport } from '../ticket-report.ts';
import type { RoomBook } from './room-book.ts';
import type { WebhookDesk } from './webhook-desk.ts';

/** One room as operators reach it. */
export type OpsRoom = {
  readonly id: string;
  /** Who may post signals of the shop, by name. */
  readonly signalSources: readonly string[];
  /** All screens of its waiting page on one page, or the line's with a message on it; and what that page may run. */
  preview(language: string | null, message: string | null): { readonly html: string; readonly policy: string };
  /** The room as this gateway knows it now, or as it was before what `replaced` tells. */
  report(replaced?: Replaced): RoomReport | Promise<RoomReport>;
  /** Where a ticket stands; null: its number was never handed out. Rejects with StoreError `unavailable`. */
  ticket(number: number): Promise<TicketReport | null>;
  /** Why settings make no sense in the room as this gateway knows it now; null: they do. */
  problemOf(settings: OperatorSettings, nowMs: number): SettingsProblem | null;
  /**
   * Answers when the request is committed; from then on `report` shows it. Rejects with StoreError `unavailable` when
   * that cannot be known.
   */
  ask(request: RoomRequest): Promise<RoomAnswer>;
};

export type OpsLog = {
  level: string;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
};

export type ApiNeeds = {
  readonly rooms: () => ReadonlyMap<string, OpsRoom>;
  readonly authentication: AuthenticationNeeds;
  readonly audit: AuditLog;
  readonly history: HistoryLog;
  /** The report after the sale. */
  readonly report: (room: string) => Promise<Report>;
  readonly feed: RoomFeed;
  readonly book: RoomBook;
  readonly webhooks: WebhookDesk;
  readonly log: OpsLog;
  readonly logLevel: SharedLogLevel;
  readonly version: string;
  readonly nowMs: () => number;
  /** How long a write may wait for its commit before it is answered with 503. */
  readonly commitWaitMs: number;
};
