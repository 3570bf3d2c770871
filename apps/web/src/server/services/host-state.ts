import type { HostState } from "@indium/contract/states";

export function hostState(host: { revokedAt: Date | null; leaseExpiresAt: Date | null }, nowMs: number): HostState {
  if (host.revokedAt !== null) return "revoked";
  if (host.leaseExpiresAt === null) return "pending";
  return host.leaseExpiresAt.getTime() > nowMs ? "online" : "unreachable";
}
