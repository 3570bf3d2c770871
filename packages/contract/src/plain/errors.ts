/**
 * The closed set of error codes on every wire. Match on these, never on message text.
 *
 * - `host_unreachable`: the host holds no link; nothing was sent.
 * - `host_timeout`: the command was sent and no answer came in time; it may have been carried out.
 */
export const ERROR_CODES = [
  "bad_request",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "already_exists",
  "precondition_failed",
  "action_denied",
  "stale_generation",
  "no_capacity",
  "quota_exceeded",
  "rate_limited",
  "token_invalid",
  "token_used",
  "token_expired",
  "signature_invalid",
  "protocol_unsupported",
  "host_unreachable",
  "host_timeout",
  "host_revoked",
  "image_unavailable",
  "image_checksum_mismatch",
  "image_invalid",
  "address_refused",
  "disk_full",
  "hypervisor_failed",
  "network_failed",
  "unsupported",
  "internal",
] as const;
