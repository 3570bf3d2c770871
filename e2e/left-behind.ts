import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { namespacePrefix, ownerTag } from "../apps/agent/src/network/names";

const run = (file: string, ...args: string[]) => execFileSync(file, args, { encoding: "utf8" });

/** What of any instance is still on this host (this network namespace): taps, veths, namespaces, nft tables, processes, files. */
export function leftBehind(stateDir: string): readonly string[] {
  const left: string[] = [];
  for (const link of JSON.parse(run("ip", "-j", "link", "show")) as { ifname: string }[])
    if (/^(it|im)[0-9a-f]/.test(link.ifname)) left.push(`interface ${link.ifname}`);
  const namespaces = "/run/netns";
  // They show machine-wide, with those of other installations.
  const own = namespacePrefix(ownerTag(join(stateDir, "agent")));
  if (existsSync(namespaces)) for (const name of readdirSync(namespaces)) if (name.startsWith(own)) left.push(`namespace ${name}`);
  for (const line of run("nft", "list", "tables").split("\n")) if (line.startsWith("table netdev")) left.push(`nft ${line}`);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      if (command.includes("qemu-system") && command.includes(stateDir)) left.push(`process ${pid}: ${command.slice(0, 120)}`);
    } catch {
      // It ended between the listing and the look.
    }
  }
  for (const folder of ["agent/volumes", "agent/vms"]) {
    const full = join(stateDir, folder);
    if (existsSync(full)) for (const name of readdirSync(full)) if (/^(vol|i)-/.test(name)) left.push(`file ${folder}/${name}`);
  }
  return left;
}
