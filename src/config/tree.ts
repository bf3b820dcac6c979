// The configuration file as read, before anything is known about it: careful looking and setting by path.

export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** undefined where the path leads nowhere. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) here = isTree(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

export const textAt = (value: unknown, ...keys: readonly string[]): string | undefined => {
  const found = at(value, ...keys);
  return typeof found === 'string' ? found : undefined;
};

export const listAt = (value: unknown, ...keys: readonly string[]): readonly unknown[] => {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found : [];
};

/** A copy with the value at the path. What stands in the way and is no mapping stays: the schema reports it. */
export function withValue(tree: Tree, keys: readonly string[], value: unknown): Tree {
  const [key, ...rest] = keys;
  if (key === undefined) return tree;
  if (rest.length === 0) return { ...tree, [key]: value };
  const inner = tree[key] ?? {};
  return isTree(inner) ? { ...tree, [key]: withValue(inner, rest, value) } : tree;
}

export function without(tree: Tree, ...keys: readonly string[]): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([key]) => !keys.includes(key)));
}
