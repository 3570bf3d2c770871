import { AppError, WireError } from "@indium/contract/errors";
import type { TRPCError } from "@trpc/server";

/** What of a tRPC error may travel: the AppError a procedure threw, or words of ours for what tRPC itself refused. Never a stack. */
export function wireErrorOf(error: TRPCError): WireError {
  if (error.cause instanceof AppError) return error.cause.toWire();
  switch (error.code) {
    case "NOT_FOUND":
      return { code: "unsupported", message: "This host's agent does not know this call; update its agent." };
    case "BAD_REQUEST":
      return { code: "bad_request", message: firstIssue(error.cause) ?? "The request is malformed." };
    default:
      return { code: "internal", message: "The agent failed at this; its log on the host says why." };
  }
}

function firstIssue(cause: unknown): string | null {
  if (typeof cause !== "object" || cause === null || !("issues" in cause) || !Array.isArray(cause.issues)) return null;
  const issue: unknown = cause.issues[0];
  if (typeof issue !== "object" || issue === null || !("message" in issue)) return null;
  const path = "path" in issue && Array.isArray(issue.path) ? issue.path.join(".") : "";
  return `The request is malformed: ${path === "" ? "" : `${path}: `}${String(issue.message)}`.slice(0, 1_000);
}

/** The AppError in whatever a call over a host link threw: matched by code, whichever side it came from. */
export function appErrorOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof Error && thrown.cause instanceof AppError) return thrown.cause;
  const data = typeof thrown === "object" && thrown !== null && "data" in thrown ? thrown.data : undefined;
  const wire = WireError.safeParse(typeof data === "object" && data !== null && "app" in data ? data.app : undefined);
  if (wire.success) return AppError.fromWire(wire.data);
  const internal = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new AppError("internal", "The host gave an answer this side does not understand.", { internal, cause: thrown });
}
