import type { DesiredNetwork } from "@indium/contract/network";
import { formatCidr, parseCidr } from "@indium/domain/ip";
import { BRIDGE_PREFIX, type NetworkNames } from "./names";

/** The CIDR in canonical form. The document was parsed by the contract's schema, so this cannot fail on a received one. */
export function canonicalCidr(text: string): string {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`not a network: ${text}`);
  return formatCidr(cidr);
}

/**
 * The rules of a network that Indium made, one inet table each.
 *
 * - nat: guests reach out masqueraded; nothing reaches in but answers; other Indium networks and link-local space (a metadata
 *   service of whoever runs this host) stay out of reach; of the host itself only ping answers.
 * - isolated: guests reach each other only. The input rule is needed because Linux answers ARP for any of its addresses on any
 *   interface (arp_ignore 0), so a bridge without an address is no wall.
 */
export function renderNetworkRules(network: DesiredNetwork, names: NetworkNames, revision: string): string {
  const bridge = `"${names.bridge}"`;
  const nat = network.kind === "nat";
  const cidrs = [
    ...(network.ipv4 === null ? [] : [`ip saddr ${canonicalCidr(network.ipv4.cidr)}`]),
    ...(network.ipv6 === null ? [] : [`ip6 saddr ${canonicalCidr(network.ipv6.cidr)}`]),
  ];
  const forward = [
    // With br_netfilter (Docker loads it) frames between two guests of one bridge come by here too.
    `iifname ${bridge} oifname ${bridge} accept`,
    ...(nat
      ? [
          `iifname ${bridge} oifname "${BRIDGE_PREFIX}*" drop`,
          `iifname ${bridge} ip daddr 169.254.0.0/16 drop`,
          ...cidrs.map((from) => `iifname ${bridge} ${from} accept`),
          `oifname ${bridge} ct state established,related accept`,
        ]
      : []),
    `iifname ${bridge} drop`,
    `oifname ${bridge} drop`,
  ];
  const input = [
    ...(nat
      ? [
          `iifname ${bridge} ct state established,related accept`,
          `iifname ${bridge} icmp type echo-request accept`,
          `iifname ${bridge} icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept`,
        ]
      : []),
    `iifname ${bridge} drop`,
  ];
  return [
    `table inet ${names.table}`,
    `delete table inet ${names.table}`,
    `table inet ${names.table} {`,
    `  chain ${revision} {\n  }`,
    "  chain forward {",
    "    type filter hook forward priority filter; policy accept;",
    ...forward.map((rule) => `    ${rule}`),
    "  }",
    "  chain input {",
    "    type filter hook input priority filter; policy accept;",
    ...input.map((rule) => `    ${rule}`),
    "  }",
    ...(nat
      ? [
          "  chain postrouting {",
          "    type nat hook postrouting priority srcnat; policy accept;",
          ...cidrs.map((from) => `    ${from} oifname != ${bridge} masquerade`),
          "  }",
        ]
      : []),
    "}",
    "",
  ].join("\n");
}
