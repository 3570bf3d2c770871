export interface SortParameter<Key extends string> {
  readonly key: Key;
  readonly direction: "asc" | "desc";
}

/** "name" and "-name"; what is neither is the default, for which nothing stands in the address. */
export function parseSort<Key extends string>(text: string | null, keys: readonly Key[], normal: SortParameter<Key>): SortParameter<Key> {
  const descending = text?.startsWith("-") ?? false;
  const key = keys.find((each) => each === (descending ? text?.slice(1) : text));
  return key === undefined ? normal : { key, direction: descending ? "desc" : "asc" };
}

export function formatSort<Key extends string>(sort: SortParameter<Key>, normal: SortParameter<Key>): string | null {
  if (sort.key === normal.key && sort.direction === normal.direction) return null;
  return sort.direction === "desc" ? `-${sort.key}` : sort.key;
}
