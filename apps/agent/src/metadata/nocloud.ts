import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { stringify } from "yaml";
import { type Reply, text } from "./reply";
import type { GuestDocument } from "./types";
import { renderVendorCloudConfig, SERVICE_ORIGIN } from "./vendor-data";

/** Where the firmware's serial sends the guest. */
export const NOCLOUD_SEED = `${SERVICE_ORIGIN}/nocloud/`;

const FILES = ["meta-data", "user-data", "vendor-data", "network-config"] as const;

/**
 * NoCloud over HTTP (cloudinit/sources/DataSourceNoCloud.py): the firmware's serial names this folder, and the guest reads it once DHCP
 * has given it an address. `network-config` is read over HTTP from cloud-init 24.3 on; older ones stay with DHCP, IPv4 alone.
 * `path` is what follows `/nocloud`, without slashes at its ends.
 */
export function renderNoCloud(document: GuestDocument, path: string): Reply | null {
  if (path === "") return text(FILES.join("\n"));
  const file = FILES.find((name) => name === path);
  if (file === undefined) return null;
  const { instance, networks, secrets } = document;
  const { hostname, sshKeys, availabilityZone, tags } = instance.metadata;
  switch (file) {
    case "meta-data":
      return text(
        stringify({
          "instance-id": instance.guestUuid,
          "local-hostname": hostname,
          "public-keys": sshKeys.map(({ key }) => key.trim()),
          "availability-zone": availabilityZone,
          tags,
        }),
        { isMetadata: true },
      );
    case "user-data":
      // Never 404: the source takes that for the whole seed being broken (util.read_seeded), also after the secrets are sealed.
      return text(secrets?.userData ?? "");
    case "vendor-data":
      return text(renderVendorCloudConfig(secrets?.passwordHash ?? null));
    case "network-config":
      return text(stringify(renderNetworkConfig(instance.nics, networks)));
  }
}

/** Netplan's form, version 2. Matched by MAC, so that interfaces keep the names the guest gave them. */
function renderNetworkConfig(nics: readonly DesiredNic[], networks: readonly DesiredNetwork[]): object {
  const entries = nics.map((nic, index) => {
    const network = networks.find((candidate) => candidate.id === nic.networkId);
    const match = { match: { macaddress: nic.macAddress }, mtu: network?.mtu ?? 1500 };
    if (nic.addressMode === "learned") return [`nic${index}`, { ...match, dhcp4: true }] as const;
    const given = [nic.ipv4, nic.ipv6].flatMap((each) => (each === null ? [] : [each]));
    const routes = given.flatMap(({ gateway }) =>
      gateway === null ? [] : [{ to: gateway.includes(":") ? "::/0" : "0.0.0.0/0", via: gateway }],
    );
    return [
      `nic${index}`,
      {
        ...match,
        dhcp4: false,
        dhcp6: false,
        addresses: given.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
        ...(routes.length === 0 ? {} : { routes }),
        ...(network === undefined || network.dnsServers.length === 0 ? {} : { nameservers: { addresses: network.dnsServers } }),
      },
    ] as const;
  });
  return { version: 2, ethernets: Object.fromEntries(entries) };
}
