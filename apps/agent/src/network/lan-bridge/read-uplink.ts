import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import type { HostShell } from "../host-shell";
import { type InterfaceState, parseAddresses, parseRoutes } from "./interface-state";
import type { UplinkSigns } from "./refusal";

const LinkJson = z
  .array(
    z.looseObject({
      ifindex: z.number().int(),
      flags: z.array(z.string()).optional(),
      address: z.string().optional(),
      mtu: z.number().int().optional(),
      master: z.string().optional(),
      linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional(),
    }),
  )
  .length(1);

export interface UplinkReading {
  readonly signs: UplinkSigns;
  readonly state: InterfaceState;
  readonly macAddress: string;
  readonly mtu: number;
}

/** Everything the decision about one interface needs, asked of the kernel and of the managers' run-time files. */
export async function readUplink(shell: HostShell, name: string): Promise<UplinkReading> {
  const shown = await shell.ipMaybe("-d", "-j", "link", "show", "dev", name);
  const link = shown.code === 0 ? LinkJson.safeParse(JSON.parse(shown.stdout)).data?.[0] : undefined;
  if (link === undefined) return { signs: { ...NOTHING, name }, state: { addresses: [], routes: [] }, macAddress: "", mtu: 0 };
  const flags = link.flags ?? [];
  const [{ state, unmovable }, master, wireless, manager, netplan, rules, multipath, ruleset, acceptRa] = await Promise.all([
    readInterface(shell, name),
    link.master === undefined ? null : shell.link(link.master),
    isWireless(name),
    managerOf(link.ifindex),
    exists("/etc/netplan"),
    shell.ipMaybe("rule", "show"),
    shell.ipMaybe("route", "show", "table", "all"),
    shell.nftQuery("list", "ruleset"),
    shell.readProc(`sys/net/ipv6/conf/${name}/accept_ra`),
  ]);
  const names = new RegExp(`(^|[\\s"{,])${escaped(name)}($|[\\s",}])`);
  const severalWays = multipath.stdout.split("\n").some((line) => /^\s+nexthop\s/.test(line) && names.test(line));
  return {
    signs: {
      name,
      exists: true,
      kind: link.linkinfo?.info_kind ?? null,
      loopback: flags.includes("LOOPBACK"),
      up: flags.includes("UP") && flags.includes("LOWER_UP"),
      wireless,
      master: link.master === undefined ? null : { name: link.master, kind: master?.kind ?? null },
      manager,
      netplan,
      leased: state.addresses.some(
        (address) => address.validSeconds !== null && (address.family === "inet" || acceptRa === null || acceptRa === "0"),
      ),
      policyRules: rules.stdout.split("\n").some((line) => names.test(line)),
      unmovable: unmovable ?? (severalWays ? "a route over several interfaces" : null),
      firewallNames: names.test(ruleset.stdout),
    },
    state,
    macAddress: link.address ?? "",
    mtu: link.mtu ?? 1_500,
  };
}

/** The addresses and routes of one interface as they are now. */
export async function readInterface(shell: HostShell, name: string): Promise<{ state: InterfaceState; unmovable: string | null }> {
  const [addresses, four, six] = await Promise.all([
    shell.ip("-j", "addr", "show", "dev", name),
    shell.ip("-4", "-j", "route", "show", "table", "all", "dev", name),
    // A host without IPv6 has no such tables.
    shell.ipMaybe("-6", "-j", "route", "show", "table", "all", "dev", name),
  ]);
  const routes4 = parseRoutes("inet", json(four));
  const routes6 = parseRoutes("inet6", six.code === 0 ? json(six.stdout) : []);
  return {
    state: { addresses: parseAddresses(json(addresses)), routes: [...routes4.routes, ...routes6.routes] },
    unmovable: routes4.unmovable ?? routes6.unmovable,
  };
}

const NOTHING: UplinkSigns = {
  name: "",
  exists: false,
  kind: null,
  loopback: false,
  up: false,
  wireless: false,
  master: null,
  manager: null,
  netplan: false,
  leased: false,
  policyRules: false,
  unmovable: null,
  firewallNames: false,
};

/** Their own word for it: both keep one file per interface of theirs, by its index. */
async function managerOf(ifindex: number): Promise<UplinkSigns["manager"]> {
  const [networkManager, networkd] = await Promise.all([
    text(`/run/NetworkManager/devices/${ifindex}`),
    text(`/run/systemd/netif/links/${ifindex}`),
  ]);
  if (/^managed=(true|full)$/m.test(networkManager)) return "network-manager";
  return /^ADMIN_STATE=(configured|configuring|pending)$/m.test(networkd) ? "networkd" : null;
}

async function isWireless(name: string): Promise<boolean> {
  const path = `/sys/class/net/${name}`;
  return (await exists(`${path}/wireless`)) || (await exists(`${path}/phy80211`));
}

const json = (output: string): unknown => JSON.parse(output.trim() === "" ? "[]" : output);
const escaped = (name: string): string => name.replace(/[.-]/g, "\\$&");
const text = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
