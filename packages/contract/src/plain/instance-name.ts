import { INPUT_WORDS } from "./input-words";

/** A DNS label: what guests accept as a hostname and what people can type. */
export const INSTANCE_NAME_MAX = 63;
export const INSTANCE_NAME_PATTERN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** What is wrong with a name for an instance, for whoever types it; null when it can be used. */
export function instanceNameFault(name: string): string | null {
  if (name === "") return INPUT_WORDS.instanceName;
  if (name.length > INSTANCE_NAME_MAX) return INPUT_WORDS.nameLength63;
  if (!INSTANCE_NAME_PATTERN.test(name)) return INPUT_WORDS.hostLabel;
  return null;
}
