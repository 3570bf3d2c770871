import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { AppError } from "@indium/contract/errors";

/** WireGuard takes addresses only; the name may lead elsewhere tomorrow, so it is asked each time. @throws AppError `network_failed`. */
export async function resolveEndpoint(endpoint: string): Promise<string> {
  const at = endpoint.lastIndexOf(":");
  const host = endpoint.slice(0, at);
  if (host.startsWith("[") || isIP(host) !== 0) return endpoint;
  try {
    const { address, family } = await lookup(host);
    return `${family === 6 ? `[${address}]` : address}${endpoint.slice(at)}`;
  } catch (cause) {
    throw new AppError("network_failed", `The name ${host} cannot be resolved on this host.`, { cause });
  }
}
