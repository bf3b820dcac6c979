// What gateways ask and answer each other, as messages: written and read. A message that is not understood is refused as a
// whole; a request inside one that is not understood is refused alone.

import type { RoomAnswer, RoomRequest } from '../../queue/answer-request.ts';
import { StoreError } from '../store-error.ts';

export type AskedRequest = { readonly id: string; readonly request: RoomRequest };
export type AskedMessage = { readonly from: string; readonly requests: readonly AskedRequest[] };
export type ReadAsked = {
  readonly from: string;
  /** `request` null: it is not understood. */
  readonly requests: readonly { readonly id: string; readonly request: RoomRequest | null }[];
};
/** `version`: how many changes the room's history had when the caller answered. */
export type AnswersMessage = {
  readonly room: string;
  readonly version: number;
  readonly answers: readonly { readonly id: string; readonly answer: RoomAnswer }[];
};

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isText: Check = value => typeof value === 'string';
const isNumber: Check = value => typeof value === 'number';
const isPlace: Check = value => Number.isSafeInteger(value);
const isCount: Check = value => Number.isSafeInteger(value) && Number(value) >= 0;
const isSwitch: Check = value => typeof value === 'boolean';
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const listOf =
  (isOne: Check): Check =>
  value =>
    Array.isArray(value) && value.every(isOne);
const orNothing =
  (isOne: Check): Check =>
  value =>
    value === undefined || isOne(value);

const isCounts: Check = value => isFields(value) && isCount(value.answers) && isCount(value.bad);

/** How the shop answered, by how deep the devices were in. Classes that this version does not know are left alone. */
const isReport: Check = value =>
  isFields(value) &&
  reportClasses.every(name => {
    const seen = value[name];
    return (
      isFields(seen) &&
      isCount(seen.answers) &&
      isCount(seen.bad) &&
      listOf(isCount)(seen.latencies) &&
      (seen.held === undefined || isCount(seen.held))
    );
  });
const reportClasses: readonly (keyof ReportOf)[] = ['checkout', 'inside', 'entry'];
type ReportOf = Extract<RoomRequest, { readonly kind: 'shop-seen' }>['report'];

/** What each kind of request must have. */
const requestFields: Readonly<Record<RoomRequest['kind'], Readonly<Record<string, Check>>>> = {
  claim: { place: isPlace },
  extend: { place: isPlace, had: orNothing(isCount) },
  enter: { place: isPlace, passId: orNothing(isText) },
  leave: { place: isPlace },
  'end-pass': { passId: isText, cause: isText },
  'use-passes': { passIds: listOf(isText), atCheckout: orNothing(listOf(isText)) },
  'shop-seen': { report: isReport },
  'signatures-clean': { signatures: isText },
  'shop-signal': { source: isText, atMs: isNumber },
  revoke: { places: listOf(isPlace) },
  'let-in': { places: listOf(isPlace) },
  settings: { settings: isFields },
  hold: { hold: isText, on: isSwitch, by: orNothing(isText), seen: orNothing(isCounts) },
  phase: { phase: isText },
  figure: { value: isText },
};

export function decodeAsked(message: string): ReadAsked {
  const { from, requests } = fieldsOf(message);
  if (typeof from !== 'string' || !Array.isArray(requests)) throw notUnderstood('requests');
  return {
    from,
    requests: requests.map((each: unknown) => {
      if (!isFields(each) || typeof each.id !== 'string') throw notUnderstood('requests');
      return { id: each.id, request: isRequest(each.request) ? each.request : null };
    }),
  };
}

export function decodeAnswers(message: string): AnswersMessage {
  const fields = fieldsOf(message);
  if (!isAnswers(fields)) throw notUnderstood('answers');
  return fields;
}

function isRequest(value: unknown): value is RoomRequest {
  if (!isFields(value) || typeof value.kind !== 'string' || !Object.hasOwn(requestFields, value.kind)) return false;
  const checks = Object.entries(requestFields[value.kind as RoomRequest['kind']]);
  return checks.every(([name, isRight]) => isRight(value[name]));
}

function isAnswers(fields: unknown): fields is AnswersMessage {
  if (!isFields(fields) || typeof fields.room !== 'string' || !isPlace(fields.version)) return false;
  return listOf(each => isFields(each) && isText(each.id) && isFields(each.answer) && isText(each.answer.kind))(
    fields.answers,
  );
}

function fieldsOf(message: string): Fields {
  let document: unknown;
  try {
    document = JSON.parse(message);
  } catch (cause) {
    throw new StoreError('unreadable', 'a message between gateways is no JSON', { cause });
  }
  if (!isFields(document)) throw notUnderstood('one');
  return document;
}

function notUnderstood(what: string): StoreError {
  return new StoreError('unreadable', `a message of ${what} between gateways is not understood`);
}
