import { z } from "zod";
import { ERROR_CODES } from "./plain/errors";

export const ErrorCode = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof ErrorCode>;

export const HTTP_STATUS = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  already_exists: 409,
  precondition_failed: 412,
  action_denied: 409,
  stale_generation: 409,
  no_capacity: 409,
  quota_exceeded: 403,
  rate_limited: 429,
  token_invalid: 401,
  token_used: 401,
  token_expired: 401,
  signature_invalid: 401,
  protocol_unsupported: 426,
  host_unreachable: 503,
  host_timeout: 504,
  host_revoked: 403,
  image_unavailable: 502,
  image_checksum_mismatch: 502,
  image_invalid: 422,
  address_refused: 422,
  disk_full: 507,
  hypervisor_failed: 500,
  network_failed: 500,
  unsupported: 501,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

/** tRPC's own code for each of ours (names from @trpc/server's TRPC_ERROR_CODES_BY_KEY). */
export const TRPC_CODE = {
  bad_request: "BAD_REQUEST",
  unauthenticated: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  not_found: "NOT_FOUND",
  conflict: "CONFLICT",
  already_exists: "CONFLICT",
  precondition_failed: "PRECONDITION_FAILED",
  action_denied: "CONFLICT",
  stale_generation: "CONFLICT",
  no_capacity: "CONFLICT",
  quota_exceeded: "FORBIDDEN",
  rate_limited: "TOO_MANY_REQUESTS",
  token_invalid: "UNAUTHORIZED",
  token_used: "UNAUTHORIZED",
  token_expired: "UNAUTHORIZED",
  signature_invalid: "UNAUTHORIZED",
  protocol_unsupported: "PRECONDITION_FAILED",
  host_unreachable: "SERVICE_UNAVAILABLE",
  host_timeout: "GATEWAY_TIMEOUT",
  host_revoked: "FORBIDDEN",
  image_unavailable: "BAD_GATEWAY",
  image_checksum_mismatch: "BAD_GATEWAY",
  image_invalid: "UNPROCESSABLE_CONTENT",
  address_refused: "UNPROCESSABLE_CONTENT",
  disk_full: "INTERNAL_SERVER_ERROR",
  hypervisor_failed: "INTERNAL_SERVER_ERROR",
  network_failed: "INTERNAL_SERVER_ERROR",
  unsupported: "NOT_IMPLEMENTED",
  internal: "INTERNAL_SERVER_ERROR",
} as const satisfies Record<ErrorCode, string>;

/** What travels of an error: never a stack, never an internal message. */
export const WireError = z.object({
  code: ErrorCode,
  /** Says what failed, on which host, and what to do next. Safe to show to the user. */
  message: z.string().max(4_000),
  /** The failing program's own words (QEMU's stderr, cloud-init's traceback), when there are any. */
  detail: z.string().max(16_000).optional(),
  /** For a form: which field the message belongs to. */
  field: z.string().max(200).optional(),
});
export type WireError = z.infer<typeof WireError>;

/** The one error class of the project. `internal` is for the log only. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly field: string | undefined;
  readonly internal: string | undefined;

  constructor(code: ErrorCode, message: string, options: { detail?: string; field?: string; internal?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.detail = options.detail;
    this.field = options.field;
    this.internal = options.internal;
  }

  toWire(): WireError {
    return {
      code: this.code,
      message: this.message.slice(0, 4_000),
      ...(this.detail === undefined ? {} : { detail: this.detail.slice(-16_000) }),
      ...(this.field === undefined ? {} : { field: this.field }),
    };
  }

  static fromWire(wire: WireError): AppError {
    return new AppError(wire.code, wire.message, {
      ...(wire.detail === undefined ? {} : { detail: wire.detail }),
      ...(wire.field === undefined ? {} : { field: wire.field }),
    });
  }
}

/** Whatever was thrown, as one of ours. A foreign error keeps its words for the log only. */
export function toAppError(thrown: unknown, fallbackMessage: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const internal = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new AppError("internal", fallbackMessage, { internal, cause: thrown });
}
