import { AppError } from "@indium/contract/errors";
import type { NetworkId } from "@indium/contract/ids";
import type { DesiredNetwork } from "@indium/contract/network";
import { LAN_BRIDGE_PREFIX } from "@indium/contract/plain/lan-bridge";
import { parseCidr } from "@indium/domain/ip";
import { z } from "zod";
import { ensureForwardException, removeForwardExceptions } from "./forward-exceptions";
import { enableIpv4Forwarding, enableIpv6Forwarding } from "./forwarding";
import { type HostShell, type Link, revisionOf } from "./host-shell";
import type { LanBridges } from "./lan-bridge/lan-bridges";
import type { NetworkLog } from "./log";
import type { NameLedger } from "./name-ledger";
import { aliasOf, BRIDGE_PREFIX, bridgeMac, type NetworkNames, networkNames } from "./names";
import { renderNetworkRules } from "./network-rules";
import { ensureVlanPort } from "./vlan";

const AddressJson = z.array(
  z.looseObject({
    addr_info: z
      .array(z.looseObject({ family: z.string().optional(), local: z.string().optional(), prefixlen: z.number().optional() }))
      .optional(),
  }),
);

export interface NetworkRealizer {
  ensure(network: DesiredNetwork): Promise<void>;
  delete(id: NetworkId): Promise<void>;
  /** The name of the bridge that NICs of this network join; it may not exist yet. */
  bridgeOf(network: DesiredNetwork): Promise<string>;
  /** The host's own addresses on it, link-local ones apart. */
  hostAddresses(network: DesiredNetwork): Promise<readonly string[]>;
}

export function createNetworkRealizer(options: {
  shell: HostShell;
  ledger: NameLedger;
  owner: string;
  log: NetworkLog;
  lanBridges: LanBridges;
}): NetworkRealizer {
  const { shell, ledger, owner, log, lanBridges } = options;
  const markOf = (id: NetworkId): string => `indium-${owner}-${id}`;

  async function namesOf(id: NetworkId): Promise<NetworkNames> {
    return (await look(id)).names;
  }

  /** With the bridge, where it was looked at to give the name; undefined where the name was known. */
  async function look(id: NetworkId): Promise<{ names: NetworkNames; seen: Link | null | undefined }> {
    let seen: Link | null | undefined;
    const short = await ledger.claim("networks", id, async (candidate) => {
      seen = await shell.link(networkNames(owner, id, candidate).bridge);
      return seen === null || seen.alias === aliasOf(owner, id);
    });
    return { names: networkNames(owner, id, short), seen };
  }

  function lanBridgeName(network: DesiredNetwork): string {
    if (network.uplinkInterface !== undefined) return lanBridges.nameOf(network.id);
    const bridge = network.bridgeInterface;
    if (bridge === null || bridge.startsWith(BRIDGE_PREFIX) || bridge.startsWith(LAN_BRIDGE_PREFIX)) {
      throw new AppError("network_failed", `The network ${network.name} names no LAN bridge of this host. Choose one in its settings.`);
    }
    return bridge;
  }

  async function lanBridge(network: DesiredNetwork, bridge: string): Promise<string> {
    const link = await shell.link(bridge);
    if (link === null) {
      throw new AppError(
        "network_failed",
        `The bridge ${bridge} of the network ${network.name} does not exist on this host. Make it, or choose another bridge in the network's settings.`,
      );
    }
    if (link.kind !== "bridge") {
      throw new AppError(
        "network_failed",
        `${bridge} is not a LAN bridge of this host, so the network ${network.name} cannot use it. Choose another bridge in the network's settings.`,
      );
    }
    return bridge;
  }

  /** `made`: the bridge is new and has no addresses. */
  async function ensureAddresses(network: DesiredNetwork, bridge: string, made: boolean): Promise<void> {
    // An isolated network has no address of the host's on it.
    const wanted =
      network.kind === "nat"
        ? [network.ipv4, network.ipv6].flatMap((range) => {
            const cidr = range === null ? null : parseCidr(range.cidr);
            return range === null || cidr === null ? [] : [{ text: `${range.gateway}/${cidr.prefixLength}`, nodad: cidr.family === 6 }];
          })
        : [];
    const present = made ? [] : await addressesOf(bridge);
    await shell.ipBatch([
      ...(made ? [`link set ${bridge} mtu ${network.mtu} up`] : []),
      ...present.filter((text) => !wanted.some((want) => want.text === text)).map((text) => `addr del ${text} dev ${bridge}`),
      ...wanted
        .filter((want) => !present.includes(want.text))
        .map((want) => `addr add ${want.text} dev ${bridge}${want.nodad ? " nodad" : ""}`),
    ]);
  }

  async function addressesOf(bridge: string): Promise<string[]> {
    const shown = AddressJson.safeParse(JSON.parse(await shell.ip("-j", "addr", "show", "dev", bridge)));
    return (shown.success ? shown.data : []).flatMap((entry) =>
      (entry.addr_info ?? []).flatMap((address) =>
        address.local === undefined || address.local.startsWith("fe80:") ? [] : [`${address.local}/${address.prefixlen ?? 0}`],
      ),
    );
  }

  async function ensureOwn(network: DesiredNetwork): Promise<void> {
    const { names, seen } = await look(network.id);
    const { bridge } = names;
    const link = seen === undefined ? await shell.link(bridge) : seen;
    if (link === null) {
      await shell.ipBatch([
        `link add name ${bridge} address ${bridgeMac(owner, network.id)} type bridge forward_delay 0 mcast_snooping 0`,
        `link set ${bridge} alias "${aliasOf(owner, network.id)}"`,
      ]);
    }
    await Promise.all([
      ensureRules(network, names, link === null),
      shell.sysctl([`ipv6/conf/${bridge}/disable_ipv6`], network.kind === "nat" && network.ipv6 !== null ? "0" : "1"),
      ...(network.kind === "nat"
        ? [
            network.ipv4 === null ? null : enableIpv4Forwarding(shell, bridge, log),
            network.ipv6 === null ? null : enableIpv6Forwarding(shell, bridge, log),
            ensureForwardException(shell, bridge, markOf(network.id), log),
          ]
        : []),
    ]);
    // Last: the host is not reachable, and forwards nothing, unfiltered, not even for a moment.
    if (link !== null && (!link.up || link.mtu !== network.mtu)) await shell.ipBatch([`link set ${bridge} mtu ${network.mtu} up`]);
    await ensureAddresses(network, bridge, link === null);
  }

  async function ensureRules(network: DesiredNetwork, names: NetworkNames, isNew: boolean): Promise<void> {
    const revision = revisionOf(renderNetworkRules(network, names, ""));
    // For a new bridge the rules are loaded whatever is there: asking first would only take longer.
    const loaded = isNew ? null : await shell.nftQuery("list", "table", "inet", names.table);
    if (loaded?.code === 0 && loaded.stdout.includes(`chain ${revision} `)) return;
    await shell.nft(renderNetworkRules(network, names, revision));
  }

  async function ensureLan(network: DesiredNetwork): Promise<void> {
    const bridge =
      network.uplinkInterface === undefined ? await lanBridge(network, lanBridgeName(network)) : await lanBridges.ensure(network);
    // br_netfilter (Docker loads it) sends bridged frames through the same FORWARD chain.
    if ((await shell.readProc("sys/net/bridge/bridge-nf-call-iptables")) === "1") {
      await ensureForwardException(shell, bridge, markOf(network.id), log);
    }
  }

  async function ensureVlan(network: DesiredNetwork, vlan: NonNullable<DesiredNetwork["vlan"]>): Promise<void> {
    await lanBridge(network, vlan.bridge);
    // A bridge of ours without an address, walled off from the host as an isolated network's is.
    await ensureOwn(network);
    const names = await namesOf(network.id);
    await ensureVlanPort(shell, { network, vlan, name: names.vlan, bridge: names.bridge, alias: aliasOf(owner, network.id) });
  }

  return {
    async ensure(network) {
      await ledger.load();
      if (network.vlan !== undefined) return ensureVlan(network, network.vlan);
      switch (network.kind) {
        case "nat":
        case "isolated":
          return ensureOwn(network);
        case "bridge":
          return ensureLan(network);
      }
    },

    async delete(id) {
      await ledger.load();
      await lanBridges.remove(id);
      await removeForwardExceptions(shell, markOf(id));
      const { bridge, vlan, table } = await namesOf(id);
      const link = await shell.link(bridge);
      if (link !== null && link.alias === aliasOf(owner, id)) {
        const ports = (await shell.ip("-o", "link", "show", "master", bridge)).split("\n").filter((line) => line.trim() !== "");
        if (ports.some((line) => !line.includes(` ${vlan}@`))) {
          throw new AppError("network_failed", `The network ${id} still has interfaces on this host. Delete the instances on it first.`);
        }
        await shell.ip("link", "del", bridge);
      }
      if ((await shell.link(vlan))?.alias === aliasOf(owner, id)) await shell.ip("link", "del", vlan);
      await shell.nft(`table inet ${table}\ndelete table inet ${table}\n`);
      await ledger.release("networks", id);
    },

    async hostAddresses(network) {
      switch (network.kind) {
        case "isolated":
          return [];
        case "nat":
          return [network.ipv4, network.ipv6].flatMap((range) => range?.gateway ?? []);
        case "bridge":
          return (await addressesOf(lanBridgeName(network))).map((text) => text.split("/")[0] ?? "").sort();
      }
    },

    async bridgeOf(network) {
      await ledger.load();
      return network.kind === "bridge" && network.vlan === undefined ? lanBridgeName(network) : (await namesOf(network.id)).bridge;
    },
  };
}
