import { readFile } from "node:fs/promises";
import type { HostFacts } from "@indium/contract/host";
import { BRIDGE_CONNTRACK_CHECK } from "../network/bridge-filter";
import { run } from "../system/exec";

export type HostWarning = HostFacts["warnings"][number];

/** What was found on the host, as facts; `hostWarnings` turns them into words. */
export interface WarningSigns {
  readonly dockerRuns: boolean;
  readonly ufwActive: boolean;
  readonly firewalldRuns: boolean;
  /** The policy of the `forward` hook's base chains, or iptables' FORWARD chain, is to drop. */
  readonly forwardDrops: boolean;
  /** br_netfilter is loaded and hands bridged packets to iptables. */
  readonly bridgedTrafficFiltered: boolean;
  readonly tunMissing: boolean;
  readonly nftMissing: boolean;
  /** The kernel can track connections of bridged packets (needed to let only answers through). */
  readonly bridgeConntrackMissing: boolean;
}

export function hostWarnings(signs: WarningSigns): HostWarning[] {
  const warnings: HostWarning[] = [];
  const warn = (code: string, message: string, fix: string | null): void => void warnings.push({ code, message, fix });
  if (signs.nftMissing) warn("no_nft", "The program nft is missing, so VMs' networks cannot be made.", "apt-get install nftables");
  if (signs.tunMissing) warn("no_tun", "/dev/net/tun is missing, so VMs get no network.", "modprobe tun");
  if (signs.dockerRuns && signs.forwardDrops) {
    warn(
      "docker_forward_drop",
      "Docker runs here and drops forwarded packets that are not its own. Indium adds an exception for its networks only.",
      "If VMs still have no network: iptables -I DOCKER-USER -i indium+ -j ACCEPT; iptables -I DOCKER-USER -o indium+ -j ACCEPT",
    );
  } else if (signs.forwardDrops) {
    warn(
      "forward_drop",
      "This host's firewall drops forwarded packets, which VMs on a NAT network need. Indium adds an exception for its networks only.",
      "If VMs still have no network, let the firewall forward from and to the bridges named in the network's page.",
    );
  }
  if (signs.ufwActive) {
    warn("ufw", "ufw is active. It may drop what VMs send through this host.", "ufw default allow routed");
  }
  if (signs.firewalldRuns) {
    warn(
      "firewalld",
      "firewalld runs. It may drop what VMs send through this host.",
      "firewall-cmd --permanent --zone=trusted --add-interface=<bridge>",
    );
  }
  if (signs.bridgedTrafficFiltered) {
    warn(
      "bridge_nf_call",
      "Packets between VMs on one bridge pass this host's iptables (br_netfilter), which may drop them.",
      "sysctl -w net.bridge.bridge-nf-call-iptables=0",
    );
  }
  if (signs.bridgeConntrackMissing) {
    warn(
      "no_bridge_conntrack",
      "This kernel cannot track connections on bridges. Security groups work all the same, by remembering themselves who spoke first; but fragments are judged by their first part only.",
      "modprobe nf_conntrack_bridge",
    );
  }
  return warnings;
}

/** Looks at the host. What cannot be looked at (not root, a program missing) counts as not found. */
export async function readWarningSigns(): Promise<WarningSigns> {
  const modules = await text("/proc/modules");
  const [ruleset, iptables, nft] = await Promise.all([
    output("nft", ["list", "ruleset"]),
    output("iptables", ["-S", "FORWARD"]),
    output("nft", ["--version"]),
  ]);
  const running = await output("ps", ["-eo", "comm="]);
  const runs = (name: string): boolean => (running ?? "").split("\n").some((line) => line.trim() === name);
  const conntrack = await output("nft", BRIDGE_CONNTRACK_CHECK);
  return {
    dockerRuns: runs("dockerd"),
    firewalldRuns: runs("firewalld"),
    ufwActive: /^ENABLED=yes$/m.test(await text("/etc/ufw/ufw.conf")),
    forwardDrops: /hook forward [^;]*;\s*policy drop/.test(ruleset ?? "") || /^-P FORWARD DROP$/m.test(iptables ?? ""),
    bridgedTrafficFiltered: (await text("/proc/sys/net/bridge/bridge-nf-call-iptables")).trim() === "1",
    tunMissing: (await text("/proc/misc")) !== "" && !/ tun$/m.test(await text("/proc/misc")) && !/^tun /m.test(modules),
    nftMissing: nft === null,
    bridgeConntrackMissing: nft !== null && conntrack === null,
  };
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function output(file: string, args: readonly string[]): Promise<string | null> {
  const result = await run(file, args, { allowFailure: true, timeoutMs: 5_000 }).catch(() => null);
  return result === null || result.code !== 0 ? null : result.stdout;
}
