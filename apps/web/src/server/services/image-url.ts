import { AppError } from "@indium/contract/errors";
import { cidrContains, parseCidr, parseIp } from "@indium/domain/ip";

/** Special-purpose addresses (IANA registries, RFC 6890): nothing a distributor serves images from. */
const LOCAL = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
  "::/127",
  "::ffff:0:0/96",
  "64:ff9b:1::/48",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
].flatMap((text) => parseCidr(text) ?? []);

/**
 * The first look at an image's address, so that the form can say no at once. The host that downloads looks again at what
 * the name resolves to, at each redirect.
 * @throws AppError `address_refused` on the field `url`.
 */
export function refuseLocalUrl(url: string, allowed: readonly string[]): void {
  const { hostname, username, password } = new URL(url);
  if (username !== "" || password !== "")
    throw new AppError("bad_request", "Leave user name and password out of the address; it is shown to everybody here.", { field: "url" });
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (allowed.includes(host)) return;
  const address = parseIp(host);
  const local =
    address === null
      ? host === "localhost" || host.endsWith(".localhost") || host.endsWith(".internal") || !host.includes(".")
      : LOCAL.some((cidr) => cidrContains(cidr, address)) &&
        !allowed.flatMap((each) => parseCidr(each) ?? []).some((cidr) => cidrContains(cidr, address));
  if (local)
    throw new AppError(
      "address_refused",
      `Images are not downloaded from ${host}: it is a private or local address. An administrator can allow it with INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS.`,
      { field: "url" },
    );
}
