import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, "");

/**
 * The front, or a proxy, says whom it speaks for; from anyone else that header means nothing. Its last entry is the proxy's own word.
 * Trusted are this machine and what is named: addresses, or networks as `10.0.0.0/24`.
 */
export class RemoteAddresses {
  readonly #trusted = new BlockList();

  constructor(proxies: readonly string[] = []) {
    this.#trusted.addSubnet("127.0.0.0", 8, "ipv4");
    this.#trusted.addAddress("::1", "ipv6");
    for (const proxy of proxies) {
      const [address = "", prefix] = proxy.split("/");
      if (prefix === undefined) this.#trusted.addAddress(address, familyOf(address));
      else this.#trusted.addSubnet(address, Number(prefix), familyOf(address));
    }
  }

  /** Whether what this address says of others is believed. */
  trusts(remoteAddress: string | undefined): boolean {
    const address = plain(remoteAddress ?? "");
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address));
  }

  of({ headers, socket }: Pick<IncomingMessage, "headers"> & { readonly socket: { readonly remoteAddress?: string | undefined } }): string {
    const address = plain(socket.remoteAddress ?? "");
    const forwardedFor = headers["x-forwarded-for"];
    if (forwardedFor === undefined || !this.trusts(address)) return address;
    const last = [forwardedFor].flat().join(",").split(",").at(-1)?.trim();
    return last === undefined || last === "" ? address : last;
  }
}

/** An address, or a network in CIDR form, that `RemoteAddresses` takes. */
export function isAddressOrNetwork(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
