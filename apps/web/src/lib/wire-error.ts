import { WireError } from "@indium/contract/errors";

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}

/** Whatever a query or mutation threw, as the error for people. The API puts ours into the answer's `data.error`. */
export function wireErrorOf(thrown: unknown): WireError {
  const data = field(thrown, "data");
  for (const candidate of [field(data, "app"), thrown]) {
    const parsed = WireError.safeParse(candidate);
    if (parsed.success) return parsed.data;
  }
  if (data === undefined || data === null) {
    return {
      code: "internal",
      message: "Indium did not answer. It may be starting again, or the connection is down; nothing on your hosts is affected.",
    };
  }
  const message = field(thrown, "message");
  return { code: "internal", message: typeof message === "string" && message !== "" ? message : "Something went wrong in Indium." };
}
