import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { netmaskOf } from "@indium/domain/ip";

/**
 * OpenStack's network_data.json. A network gives its default route in `routes` and never `gateway` beside it: cloud-init would
 * make both (sources/helpers/openstack.py, convert_net_json). DNS servers are given per network and as services, because
 * readers differ in which they take.
 */
export function renderNetworkData(nics: readonly DesiredNic[], networks: readonly DesiredNetwork[]): object {
  const networkOf = (nic: DesiredNic): DesiredNetwork | undefined => networks.find((network) => network.id === nic.networkId);
  const dnsServers = [...new Set(nics.flatMap((nic) => networkOf(nic)?.dnsServers ?? []))];
  return {
    links: nics.map((nic, index) => ({
      id: linkId(index),
      vif_id: nic.id,
      type: "phy",
      ethernet_mac_address: nic.macAddress,
      mtu: networkOf(nic)?.mtu ?? 1500,
    })),
    networks: nics.flatMap((nic, index) => networksOf(nic, linkId(index), networkOf(nic)?.dnsServers ?? [])),
    services: dnsServers.map((address) => ({ type: "dns", address })),
  };
}

const linkId = (index: number): string => `nic${index}`;

function networksOf(nic: DesiredNic, link: string, dnsServers: readonly string[]): object[] {
  const base = (family: 4 | 6) => ({ id: `${link}-ipv${family}`, network_id: nic.networkId, link });
  if (nic.addressMode === "learned") return [{ ...base(4), type: "ipv4_dhcp" }];
  const entries: object[] = [];
  if (nic.ipv4 !== null) {
    const { address, prefixLength, gateway } = nic.ipv4;
    // Without a router there is no way to the metadata service but a route on the link, which this format cannot say (each route
    // has a gateway) and option 121 of our DHCP can; the address it gives is the same.
    if (gateway === null) entries.push({ ...base(4), type: "ipv4_dhcp" });
    else {
      entries.push({
        ...base(4),
        type: "ipv4",
        ip_address: address,
        netmask: netmaskOf(4, prefixLength),
        routes: [{ network: "0.0.0.0", netmask: "0.0.0.0", gateway }],
        dns_nameservers: dnsServers.filter((server) => !server.includes(":")),
      });
    }
  }
  if (nic.ipv6 !== null) {
    const { address, prefixLength, gateway } = nic.ipv6;
    entries.push({
      ...base(6),
      type: "ipv6",
      ip_address: address,
      netmask: netmaskOf(6, prefixLength),
      routes: gateway === null ? [] : [{ network: "::", netmask: "::", gateway }],
      dns_nameservers: dnsServers.filter((server) => server.includes(":")),
    });
  }
  return entries;
}
