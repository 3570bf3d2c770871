import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../log";

const CONF = "/proc/sys/net/ipv6/conf";

/**
 * IPv6 forwards only when `all` says so, and then stops listening to routers' advertisements (ip-sysctl: accept_ra 1 means "unless
 * forwarding"): interfaces that listened go on listening. What may pass between the overlay and anything else is the rules' to say.
 */
export async function allowForwarding(log: Log): Promise<void> {
  const all = join(CONF, "all/forwarding");
  try {
    if ((await readFile(all, "utf8")).trim() === "1") return;
    for (const name of await readdir(CONF)) {
      const path = join(CONF, name, "accept_ra");
      if ((await readFile(path, "utf8")).trim() === "1") await writeFile(path, "2");
    }
    await writeFile(all, "1");
  } catch (thrown) {
    log(
      "warning",
      "IPv6 forwarding could not be switched on: pairs of hosts cannot reach each other. Run: sysctl -w net.ipv6.conf.all.forwarding=1",
      {
        reason: thrown instanceof Error ? thrown.message : String(thrown),
      },
    );
  }
}
