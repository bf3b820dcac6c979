// The only reader of process.env. Everybody else is handed what this returns.

/** The JUNBAN_ variables alone, by name. */
export type Environment = Readonly<Record<string, string>>;

export function readEnvironment(): Environment {
  const ours: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('JUNBAN_') && value !== undefined) ours[name] = value;
  }
  return Object.freeze(ours);
}
