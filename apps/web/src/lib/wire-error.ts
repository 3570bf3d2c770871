import type { WireError } from "@indium/contract/errors";
import { ERROR_CODES } from "@indium/contract/plain/errors";
import { OWN_WORDS } from "./i18n/own-words";
import { oneOf } from "./one-of";

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}

/** By hand, not by its schema: every page needs this, and few need zod. */
function asWireError(value: unknown): WireError | null {
  const code = oneOf(ERROR_CODES, field(value, "code"));
  const message = field(value, "message");
  if (code === null || typeof message !== "string") return null;
  const [detail, of] = [field(value, "detail"), field(value, "field")];
  return { code, message, ...(typeof detail === "string" ? { detail } : {}), ...(typeof of === "string" ? { field: of } : {}) };
}

/** Whatever a query or mutation threw, as the error for people. The API puts ours into the answer's `data.error`. */
export function wireErrorOf(thrown: unknown): WireError {
  const data = field(thrown, "data");
  for (const candidate of [field(data, "app"), thrown]) {
    const error = asWireError(candidate);
    if (error !== null) return error;
  }
  if (data === undefined || data === null) {
    return { code: "internal", message: OWN_WORDS.noAnswer };
  }
  const message = field(thrown, "message");
  return { code: "internal", message: typeof message === "string" && message !== "" ? message : OWN_WORDS.somethingWrong };
}
