import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** systemd-resolved keeps the real servers apart from its stub's file; whichever is first and names one that a guest can reach counts. */
const FILES = ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"] as const;

/** When the host knows no resolver that its guests could reach: public ones, so that a guest with internet finds names. */
const FALLBACK = ["9.9.9.9", "1.1.1.1"] as const;

/** The addresses of a resolv.conf (resolv.conf(5)) that mean something inside a guest: no loopback, no link-local, no scopes. */
export function reachableResolvers(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => match[1] ?? "")
    .filter((address) => isIP(address) !== 0 && !/^(127\.|0\.|169\.254\.|::1$|fe80:)/i.test(address));
}

/** What the host itself asks for names, read anew each time: a site's DHCP server may have changed it. */
export function hostResolvers(read: (file: string) => string = (file) => readFileSync(file, "utf8")): readonly string[] {
  for (const file of FILES) {
    try {
      const found = reachableResolvers(read(file));
      if (found.length > 0) return found.slice(0, 8);
    } catch {
      // Not on this host.
    }
  }
  return FALLBACK;
}
