// A room's configuration as the fields of a form, and back. Whether it is a good one is decided by the gateway.

/** What stands in each field, by name; `more` holds every key that has no field. */
export type Draft = Readonly<Record<string, string>>;

export type Field = {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'instant' | 'list';
  readonly hint: string;
  readonly isRequired?: boolean;
};

export const fields: readonly Field[] = [
  { name: 'id', label: 'Name of the room', kind: 'text', hint: 'autumn-sale', isRequired: true },
  { name: 'shop', label: 'Origin of the shop', kind: 'text', hint: 'http://127.0.0.1:3000', isRequired: true },
  { name: 'hosts', label: 'Host names, with commas between', kind: 'list', hint: 'every host' },
  { name: 'paths', label: 'Paths, with commas between', kind: 'list', hint: '/ (every path)' },
  { name: 'opensAt', label: 'Lobby opens', kind: 'instant', hint: '' },
  { name: 'startsAt', label: 'Sale starts', kind: 'instant', hint: '' },
  { name: 'endsAt', label: 'Room ends', kind: 'instant', hint: '' },
  { name: 'pacePerMinute', label: 'Pace, devices a minute', kind: 'number', hint: '600' },
  { name: 'activeCap', label: 'Devices inside at once', kind: 'number', hint: '500' },
];

const matchKeys = ['hosts', 'paths'] as const;

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export function draftOf(configuration: unknown): Draft {
  if (!isJson(configuration)) return {};
  const { match, ...keys } = configuration;
  const known: Record<string, string> = {};
  const more: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(keys)) {
    const field = fields.find(each => each.name === name);
    if (field === undefined) more[name] = value;
    else known[name] = field.kind === 'instant' ? localInstant(String(value)) : String(value);
  }
  if (isJson(match)) {
    const { hosts, paths, ...others } = match;
    if (Array.isArray(hosts)) known['hosts'] = hosts.join(', ');
    if (Array.isArray(paths)) known['paths'] = paths.join(', ');
    if (Object.keys(others).length > 0) more['match'] = others;
  }
  return { ...known, more: Object.keys(more).length === 0 ? '' : JSON.stringify(more, null, 2) };
}

export type Read =
  | { readonly kind: 'ok'; readonly configuration: Json }
  | { readonly kind: 'problem'; readonly problem: string };

export function configurationOf(draft: Draft): Read {
  const more = readMore(draft['more'] ?? '');
  if (more === null) return { kind: 'problem', problem: 'The other keys are no JSON object.' };
  const configuration: Record<string, unknown> = { ...more };
  const match: Record<string, unknown> = isJson(more['match']) ? { ...more['match'] } : {};
  for (const { name, kind } of fields) {
    const text = (draft[name] ?? '').trim();
    if (text === '') continue;
    if (kind === 'list') match[name] = text.split(',').map(part => part.trim());
    else configuration[name] = kind === 'number' ? Number(text) : kind === 'instant' ? zonedInstant(text) : text;
  }
  if (matchKeys.some(key => key in match) || 'match' in more) configuration['match'] = match;
  return { kind: 'ok', configuration };
}

function readMore(text: string): Json | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : null;
  } catch {
    // What is wrong with it is plain to see for who wrote it.
    return null;
  }
}

/** As an input of the browser wants it: this device's own time without a zone. */
function localInstant(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const zonedInstant = (text: string): string => {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
};
