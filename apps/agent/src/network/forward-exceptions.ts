import type { HostShell } from "./host-shell";
import type { NetworkLog } from "./log";

/**
 * A drop in any firewall's base chain is final, whatever our own table accepts. Docker and ufw drop forwarded packets in
 * `ip filter FORWARD` (iptables-nft); so an exception for one bridge is put into their chain, first in line, marked with a comment.
 * DOCKER-USER is the chain that Docker keeps for others and asks first. Re-made at each convergence, because `ufw reload` loses it.
 */
const FAMILIES = ["ip", "ip6"] as const;

interface Gate {
  readonly family: (typeof FAMILIES)[number];
  readonly chain: "DOCKER-USER" | "FORWARD";
  readonly listing: string;
}

async function dropsForwarding(shell: HostShell, family: (typeof FAMILIES)[number]): Promise<Gate | null> {
  const forward = await shell.nftQuery("-a", "list", "chain", family, "filter", "FORWARD");
  if (forward.code !== 0) return null;
  const dockerUser = await shell.nftQuery("-a", "list", "chain", family, "filter", "DOCKER-USER");
  if (dockerUser.code === 0) return { family, chain: "DOCKER-USER", listing: dockerUser.stdout };
  return /hook forward [^;]*; policy drop;/.test(forward.stdout) ? { family, chain: "FORWARD", listing: forward.stdout } : null;
}

/** "ip filter", "inet firewalld"…: one look that spares the others on a host without a firewall. */
async function tablesOf(shell: HostShell): Promise<ReadonlySet<string>> {
  const listed = await shell.nftQuery("list", "tables");
  return new Set(listed.stdout.split("\n").flatMap((line) => /^table (\S+ \S+)$/.exec(line.trim())?.[1] ?? []));
}

export async function ensureForwardException(shell: HostShell, bridge: string, mark: string, log: NetworkLog): Promise<void> {
  const tables = await tablesOf(shell);
  for (const family of FAMILIES) {
    if (!tables.has(`${family} filter`)) continue;
    const gate = await dropsForwarding(shell, family);
    if (gate === null || gate.listing.includes(`comment "${mark}"`)) continue;
    await shell.nft(
      ["oifname", "iifname"]
        .map((side) => `insert rule ${family} filter ${gate.chain} ${side} "${bridge}" counter accept comment "${mark}"\n`)
        .join(""),
    );
    log("info", `This host's firewall drops forwarded packets; an exception for ${bridge} was put into ${family} filter ${gate.chain}.`);
  }
  await warnOfOtherFirewalls(shell, tables, bridge, log);
}

export async function removeForwardExceptions(shell: HostShell, mark: string): Promise<void> {
  const tables = await tablesOf(shell);
  for (const family of FAMILIES) {
    if (!tables.has(`${family} filter`)) continue;
    for (const chain of ["DOCKER-USER", "FORWARD"]) {
      const listing = await shell.nftQuery("-a", "list", "chain", family, "filter", chain);
      if (listing.code !== 0) continue;
      const handles = listing.stdout.split("\n").flatMap((line) => {
        const handle = line.includes(`comment "${mark}"`) ? /# handle (\d+)$/.exec(line.trim())?.[1] : undefined;
        return handle === undefined ? [] : [handle];
      });
      if (handles.length > 0) {
        await shell.nft(handles.map((handle) => `delete rule ${family} filter ${chain} handle ${handle}\n`).join(""));
      }
    }
  }
}

async function warnOfOtherFirewalls(shell: HostShell, tables: ReadonlySet<string>, bridge: string, log: NetworkLog): Promise<void> {
  if (tables.has("inet firewalld")) {
    log(
      "warning",
      `firewalld runs on this host and may reject what guests forward. Run: firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && firewall-cmd --reload`,
    );
  }
  // Tables of legacy iptables are listed here once in use; nft does not see them.
  if ((await shell.readProc("net/ip_tables_names"))?.split("\n").includes("filter") === true) {
    log(
      "warning",
      `This host uses legacy iptables, which Indium does not change. If its FORWARD policy is DROP, run: iptables -I FORWARD -i ${bridge} -j ACCEPT && iptables -I FORWARD -o ${bridge} -j ACCEPT`,
    );
  }
}
