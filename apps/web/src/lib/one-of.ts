import { type IdKind, type IdOf, isId } from "@indium/contract/plain/ids";

/** A value of a closed list, or null for what is none: an address may be of an older Indium, or typed. */
export function oneOf<V extends string>(values: readonly V[], value: unknown): V | null {
  return values.find((each) => each === value) ?? null;
}

/** An id of that kind, or null. */
export function idOrNull<K extends IdKind>(kind: K, value: unknown): IdOf<K> | null {
  return isId(kind, value) ? value : null;
}
