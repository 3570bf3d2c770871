import { isIP } from "node:net";

/**
 * The browser's address. Next listens on loopback behind the front, which appends the address it saw; what stands before
 * the last one was sent by the client and is not believed.
 */
export function remoteAddressOf(headers: Headers): string | null {
  const last = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? "";
  const address = last.startsWith("::ffff:") ? last.slice(7) : last;
  return isIP(address) === 0 ? null : address;
}
