// The port to the webhooks, as the API shows them. Who sends them is in ../webhooks/.

export type WebhookState = {
  /** Cut short: an address may carry a secret in its path or query. */
  readonly url: string;
  readonly events: readonly string[];
  /** Messages that wait to be sent or sent again, at whichever gateway. */
  readonly waiting: number;
  readonly delivered: number;
  readonly failed: number;
  /** Messages that this gateway gave up. */
  readonly dead: number;
  /** Of a message that still waits, or of those before it. */
  readonly lastFailure: string | null;
};

export type DeadLetter = {
  readonly id: string;
  readonly at: string;
  readonly url: string;
  readonly type: string;
  readonly tries: number;
  readonly failure: string;
  readonly body: unknown;
};

export interface WebhookDesk {
  states(): readonly WebhookState[];
  /** Messages that were given up, newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
}
