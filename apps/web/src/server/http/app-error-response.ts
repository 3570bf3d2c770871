import { type AppError, HTTP_STATUS, toAppError } from "@indium/contract/errors";

/** An error of a plain HTTP route: our code and sentence as JSON, never a stack. */
export function errorResponse(thrown: unknown, route: string): Response {
  const error: AppError = toAppError(thrown, "Something went wrong in Indium; its log says more.");
  if (error.code === "internal") console.error(`${route}:`, error.internal ?? error.message, error.cause ?? "");
  return Response.json({ error: error.toWire() }, { status: HTTP_STATUS[error.code], headers: { "cache-control": "no-store" } });
}
